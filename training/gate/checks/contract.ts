import { z } from "zod";
import type { ContractFindings, Violation } from "../../../data/contract/contract-check.ts";
import { inconclusive, ratio } from "../bounds.ts";
import { type CheckResult, formatRatio, isRequired, level } from "../check.ts";

export const SNAPSHOT_NAMES = ["evaluation", "training", "reference"] as const;
export type SnapshotName = (typeof SNAPSHOT_NAMES)[number];

export const contractPolicy = z.strictObject({
  /** Share of rows that may violate a rule; default: 0. Missing columns and the number of rows have no tolerance. */
  max: ratio.optional(),
  /** Snapshots to check; default: all that the stack names. */
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

/** The evaluation's check is `data.contract`; the others are `data.contract.training` and `data.contract.reference`. */
const keyOf = (name: SnapshotName) => (name === "evaluation" ? "data.contract" : `data.contract.${name}`);

/** Maximum number of violations in a check's message; the report has all of them. */
const MOST_NAMED = 5;

/** Compares violations with the policy's tolerance. */
export function judgeFindings({ name, path, rows, violations }: SnapshotFindings, terms: ContractPolicy): CheckResult {
  const { max = 0 } = terms;
  const shareOf = (violation: Violation) => violation.rows / Math.max(1, rows);
  const hasTolerance = ({ rule }: Violation) => rule !== "rows" && rule !== "column" && rule !== "missing";
  const broken = violations.filter((one) => !hasTolerance(one) || shareOf(one) > max);
  const value = Math.max(0, ...(broken.length > 0 ? broken : violations).map(shareOf));
  const named = broken.slice(0, MOST_NAMED).map((one) => violationWords(one, rows));
  const more = broken.length > MOST_NAMED ? `; and ${broken.length - MOST_NAMED} more` : "";
  const tolerated =
    violations.length > 0 ? `; ${violations.length} rules violated within the tolerance ${formatRatio(max)}` : "";
  return {
    check: keyOf(name),
    group: "data",
    required: isRequired(terms),
    value,
    bound: max,
    relation: "<=",
    outcome: broken.length > 0 ? "fail" : "pass",
    why: `${rows} rows of ${path} against data.contract; the value is the largest share of rows that violate a rule`,
    detail:
      broken.length > 0
        ? `${path} violates the data contract: ${named.join("; ")}${more}`
        : `${path} meets the data contract${tolerated}`,
  };
}

/** The result of a policy's contract check if the stack has no contract. */
export const withoutContract = (terms: ContractPolicy): CheckResult =>
  inconclusive(
    { check: "data.contract", group: "data", level: terms.level },
    "the stack has no data contract. Create one with npm run contract, and set data.contract to its file",
  );

function violationWords({ column, rule, rows, row, example, bound }: Violation, all: number): string {
  const subject = `column ${column}`;
  const such = `, such as ${example} in row ${row}`;
  const counted = `${rows} of ${all} rows`;
  switch (rule) {
    case "rows":
      return `it has ${rows} rows; ${bound} are required`;
    case "column":
      return `${subject} is missing or not a column of single values${bound === undefined ? "" : ` (nearest name: ${bound})`}`;
    case "missing":
      return `${subject} is missing in ${counted}, first in row ${row}; the allowed share is ${bound}`;
    case "type":
      return `${subject} is not ${TYPE_WORDS[bound ?? ""] ?? bound} in ${counted}${such}`;
    case "min":
      return `${subject} is below ${bound} in ${counted}${such}`;
    case "max":
      return `${subject} is above ${bound} in ${counted}${such}`;
    case "categories":
      return `${subject} has a value that is not listed in ${counted}${such}`;
    case "unique":
      return `${subject} repeats a value in ${counted}${such}`;
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  text: "a text",
  date: "a date",
};
