import type { Verdict } from "../../registry/evidence.ts";
import type { CheckResult } from "./check.ts";

export interface Decision {
  readonly verdict: Verdict;
  /** All blocking checks in one line; if there are none, the checks that passed, then advisory and inconclusive ones. */
  readonly summary: string;
}

/** Effect of an inconclusive required check: `block` makes the verdict inconclusive, which does not pass the gate. */
export type WhenInconclusive = "block" | "pass";

const NOTHING_REQUIRED = "no required check ran: the policy needs a bound that is not advisory";

/** A failed required check fails the gate, and so does a gate without any required check. */
export function decide(results: readonly CheckResult[], whenInconclusive: WhenInconclusive = "block"): Decision {
  const required = results.filter((result) => result.required);
  const join = (checks: readonly CheckResult[]) => checks.map(({ detail }) => detail).join("; ");
  const failed = required.filter(({ outcome }) => outcome === "fail");
  const open = required.filter(({ outcome }) => outcome === "inconclusive");
  if (failed.length > 0) {
    const undecided = open.map(({ detail }) => `inconclusive: ${detail}`);
    return { verdict: "failed", summary: [...failed.map(({ detail }) => detail), ...undecided].join("; ") };
  }
  if (open.length > 0 && whenInconclusive === "block") return { verdict: "inconclusive", summary: join(open) };
  if (required.length === 0) return { verdict: "failed", summary: NOTHING_REQUIRED };
  const notes = results
    .filter(({ outcome, required }) => !required && outcome !== "pass")
    .map(({ detail, outcome }) => `advisory, ${outcome}: ${detail}`);
  const passed = required.filter(({ outcome }) => outcome === "pass");
  const allowed = open.map(({ detail }) => `inconclusive, allowed by policy: ${detail}`);
  return { verdict: "passed", summary: [...passed.map(({ detail }) => detail), ...allowed, ...notes].join("; ") };
}
