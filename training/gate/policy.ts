import { z } from "zod";
import type { DataContract } from "../../data/contract/data-contract.ts";
import { describeIssue, withoutEchoes } from "../../data/issue-messages.ts";
import { sha256 } from "../../registry/artifact-digest.ts";
import { baselinePolicy } from "./checks/baseline.ts";
import { championPolicy } from "./checks/champion.ts";
import { checkPolicies } from "./checks/check-table.ts";
import { customPolicy } from "./checks/custom-policy.ts";
import { metricPolicy, performancePolicy } from "./checks/metric-policy.ts";
import { slicesPolicy } from "./checks/slice-policy.ts";
import { refuseForTask } from "./checks/task-policy.ts";
import type { Digests } from "./custom/scripts.ts";
import { MULTI_LABEL_HINT } from "./multi-label.ts";
import { unknownKeyIn } from "./nearest-key.ts";

const TASKS = "must be binary, multiclass, regression or anomaly";

const groups = {
  /** Short for performance.accuracy. */
  accuracy: metricPolicy.optional(),
  performance: performancePolicy.optional(),
  champion: championPolicy.optional(),
  baseline: baselinePolicy.optional(),
  slices: slicesPolicy.optional(),
  ...checkPolicies,
  custom: customPolicy.optional(),
};

/**
 * Schema of the gate's policy: checks with their bounds. Unknown keys are rejected. It has no defaults of its own, so
 * that its hash covers exactly what was written.
 */
export const policySchema = z
  .strictObject({
    /** Task of the model; default: derived from its outputs and data.classes. */
    task: z
      .enum(["binary", "multiclass", "regression", "anomaly"], {
        error: ({ input }) =>
          /multi.?(?:label|output)/i.test(String(input)) ? `${TASKS}{got}: ${MULTI_LABEL_HINT}` : TASKS,
      })
      .optional(),
    /** For an anomaly detector: which end of its scores marks an anomaly. */
    anomalyScores: z.enum(["low", "high"], "must be low or high").optional(),
    ...groups,
    /** Effect of an inconclusive required check; default: `block`. */
    inconclusive: z.enum(["block", "pass"], "must be block or pass").optional(),
    /** `holm` tests all required bounds with confidence as one family; by default, each on its own. */
    multiplicity: z.enum(["none", "holm"], "must be none or holm").optional(),
  })
  .refine(
    ({ inconclusive: _, task: _task, anomalyScores: _scores, multiplicity: _multiplicity, ...checks }) =>
      Object.values(checks).some((check) => check !== undefined && Object.keys(check).length > 0),
    {
      error: "must name at least one check, such as accuracy.min",
      // If the only check is misspelled, report that instead of its absence.
      when: ({ issues }) => issues.length === 0,
    },
  )
  .superRefine(refuseForTask);

export type Policy = z.infer<typeof policySchema>;

/**
 * Validates a policy written by a person.
 * @param where name in errors, such as a file
 * @throws Error that names every wrong key and, for an unknown key, the nearest known one
 */
export function parsePolicy(raw: unknown, where: string): Policy {
  const parsed = policySchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problems = withoutEchoes(parsed.error.issues).flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => {
          const { problem, nearest } = unknownKeyIn(policySchema, issue.path, key);
          // Copied from a stack file together with its key.
          if (/^(.+:)?gate$/.test(key)) return `${problem} of a policy. Use its content instead`;
          return nearest ? `${problem}. ${nearest}` : problem;
        })
      : describeIssue(issue.path.join(".") || "the policy", issue, raw),
  );
  throw new Error(problems.map((problem) => `${where}: ${problem}`).join("\n"));
}

/** What else determines a verdict. */
export interface PolicyParts {
  readonly contract?: DataContract | undefined;
  /** Digests of the files that compute custom metrics. */
  readonly scripts?: Digests | undefined;
}

/**
 * SHA-256 (hexadecimal) of the policy, independent of the order of its keys. A data contract or a custom metric's script is part of the policy:
 * the digest covers it, so that guard, signature and history detect a change.
 */
export function policySha256(policy: Policy, { contract, scripts = {} }: PolicyParts = {}): string {
  const hasScripts = Object.keys(scripts).length > 0;
  const all = contract || hasScripts ? { policy, contract, ...(hasScripts && { scripts }) } : policy;
  return sha256(JSON.stringify(sortKeys(all)));
}

/** SHA-256 (hexadecimal) of a data contract, independent of comments and order in its file. */
export const contractSha256 = (contract: DataContract): string => sha256(JSON.stringify(sortKeys(contract)));

function sortKeys(value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}
