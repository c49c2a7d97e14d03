import { z } from "zod";
import type { ContractFindings, Violation } from "../../../data/contract/contract-check.ts";
import { inconclusive, ratio } from "../bounds.ts";
import { type CheckResult, formatRatio, isRequired, level } from "../check.ts";

export const SNAPSHOT_NAMES = ["evaluation", "training", "reference"] as const;
type SnapshotName = (typeof SNAPSHOT_NAMES)[number];

export const contractPolicy = z.strictObject({
  /** Share of rows that may violate a rule; default: 0. Missing columns and the number of rows have no tolerance. */
  max: ratio.optional(),
  /** Snapshots to check; default: all that the stack configures. */
  snapshots: z
    .array(z.enum(SNAPSHOT_NAMES, `must be ${SNAPSHOT_NAMES.join(", ")}`), "must be a list of snapshots")
    .min(1, "must name at least one snapshot")
    .optional(),
  level,
});
export type ContractPolicy = z.infer<typeof contractPolicy>;

/** Violations of the contract in one snapshot. */
export interface SnapshotFindings extends ContractFindings {
  readonly name: SnapshotName;
  readonly path: string;
}

/** Names the evaluation's check `data.contract`, and the others `data.contract.training` and `data.contract.reference`. */
const keyOf = (name: SnapshotName) => (name === "evaluation" ? "data.contract" : `data.contract.${name}`);

/** Maximum number of violations in a check's message; the report has all of them. */
const MAX_LISTED = 5;

/** Compares a snapshot's violations with the policy's tolerance. */
export function judgeFindings({ name, path, rows, violations }: SnapshotFindings, terms: ContractPolicy): CheckResult {
  const { max = 0 } = terms;
  const shareOf = (violation: Violation) => violation.rows / Math.max(1, rows);
  const hasTolerance = ({ rule }: Violation) => rule !== "rows" && rule !== "column" && rule !== "missing";
  const broken = violations.filter((one) => !hasTolerance(one) || shareOf(one) > max);
  const value = Math.max(0, ...(broken.length > 0 ? broken : violations).map(shareOf));
  const listed = broken.slice(0, MAX_LISTED).map((one) => describeViolation(one, rows));
  const more = broken.length > MAX_LISTED ? `; and ${broken.length - MAX_LISTED} more` : "";
  const tolerated =
    violations.length > 0
      ? `; violations of ${violations.length} rules are within the tolerance of ${formatRatio(max)}`
      : "";
  return {
    check: keyOf(name),
    group: "data",
    required: isRequired(terms),
    value,
    bound: max,
    relation: "<=",
    outcome: broken.length > 0 ? "fail" : "pass",
    why: `${rows} rows of ${path} checked against data.contract; the value is the largest share of rows that violate a rule`,
    detail:
      broken.length > 0
        ? `${path} violates the data contract: ${listed.join("; ")}${more}`
        : `${path} meets the data contract${tolerated}`,
  };
}

/** Returns the result of the policy's contract check if the stack has no contract. */
export const withoutContract = (terms: ContractPolicy): CheckResult =>
  inconclusive(
    { check: "data.contract", group: "data", level: terms.level },
    "the stack has no data contract. Create one with npm run contract, and set data.contract to its file",
  );

function describeViolation({ column, rule, rows, row, example: value, bound }: Violation, total: number): string {
  const subject = `column ${column}`;
  const example = `, such as ${value} in row ${row}`;
  const affected = `${rows} of ${total} rows`;
  switch (rule) {
    case "rows":
      return `it has ${rows} rows; ${bound} are required`;
    case "column":
      return `${subject} is missing or does not hold single values${bound === undefined ? "" : ` (nearest name: ${bound})`}`;
    case "missing":
      return `${subject} is missing in ${affected}, first in row ${row}; the allowed share is ${bound}`;
    case "type":
      return `${subject} is not ${TYPE_WORDS[bound ?? ""] ?? bound} in ${affected}${example}`;
    case "min":
      return `${subject} is below ${bound} in ${affected}${example}`;
    case "max":
      return `${subject} is above ${bound} in ${affected}${example}`;
    case "categories":
      return `${subject} has an unlisted value in ${affected}${example}`;
    case "unique":
      return `${subject} has a duplicate value in ${affected}${example}`;
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  text: "text",
  date: "a date",
};
