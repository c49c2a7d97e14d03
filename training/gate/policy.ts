import { z } from "zod";
import { sha256 } from "../../registry/artifact-digest.ts";
import type { CheckResult } from "./check.ts";
import { accuracy } from "./checks/accuracy.ts";
import type { Evaluation } from "./evaluation.ts";

/** The gate's policy: which checks, with which bounds. A key that no check knows is refused. */
export const policySchema = z
  .strictObject({ accuracy: accuracy.policy.optional() })
  .refine((policy) => Object.values(policy).some((check) => check !== undefined), "must name at least one check");

export type Policy = z.infer<typeof policySchema>;

/** Runs every check that the policy names. */
export function runChecks(evaluation: Evaluation, policy: Policy): CheckResult[] {
  const results: CheckResult[] = [];
  if (policy.accuracy) results.push(accuracy.judge(evaluation, policy.accuracy));
  return results;
}

/** SHA-256 (hexadecimal) of the policy: the same for the same bounds, whatever order they are written in. */
export const policySha256 = (policy: Policy): string => sha256(JSON.stringify(sortKeys(policy)));

function sortKeys(value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}
