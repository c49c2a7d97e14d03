import type { Verdict } from "../../registry/evidence.ts";
import type { CheckResult } from "./check.ts";

export interface Decision {
  readonly verdict: Verdict;
  /** Every failed check in one line; where all passed, every check. */
  readonly summary: string;
}

/** One failed check fails the gate, and so does a gate that checked nothing. */
export function decide(results: readonly CheckResult[]): Decision {
  const failed = results.filter(({ passed }) => !passed);
  if (results.length === 0) return { verdict: "failed", summary: "no check was made" };
  const told = failed.length > 0 ? failed : results;
  return { verdict: failed.length > 0 ? "failed" : "passed", summary: told.map(({ detail }) => detail).join("; ") };
}
