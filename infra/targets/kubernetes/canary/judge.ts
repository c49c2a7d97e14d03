import { judgeLatency, judgeReach, judgeThrottling } from "./slowness.ts";
import { difference, type Interval, percent } from "./statistics.ts";
import type { Traffic } from "./traffic.ts";

export type Verdict = "pass" | "fail" | "inconclusive";

export interface Finding {
  readonly check: "traffic" | "errors" | "refusals" | "latency" | "reach" | "throttling" | "predictions";
  readonly verdict: Verdict;
  /** One line. */
  readonly detail: string;
}

export interface CanaryPolicy {
  /** How much the share of failed or rejected requests may exceed the stable pods'. */
  readonly errorRateMargin: number;
  /** Factor by which the 95th percentile of latency may exceed the stable pods'. */
  readonly latencyFactor: number;
  /** Latencies below this are never slow, milliseconds. */
  readonly latencyFloorMs: number;
  /** How much a class's share of the predictions may differ. */
  readonly predictionMargin: number;
  /** Minimum number of requests on either side. */
  readonly minRequests: number;
}

/** Two-sided normal quantiles: 95 % for the final verdict, 99.9 % for the many interim ones. */
export const FINAL = 1.96;
export const EARLY = 3.29;

/** Observations of a track. */
export interface Observed extends Traffic {
  /** Slowest response of each round of probes from outside, milliseconds; undefined if no pod answered. Rounds of both tracks are paired. */
  readonly rounds: readonly (number | undefined)[];
}

/** Compares the canary's traffic with the stable pods' over the same period, and always returns every check. */
export function judgeCanary(canary: Observed, stable: Observed, policy: CanaryPolicy, z: number = FINAL): Finding[] {
  const { errorRateMargin: margin, minRequests } = policy;
  const enough = canary.requests >= minRequests && stable.requests >= minRequests;
  const counts = `canary ${canary.requests} requests, stable ${stable.requests}`;
  const share = (of: Traffic, count: "failed" | "refused"): [number, number] => [of[count], of.requests];
  return [
    enough
      ? { check: "traffic", verdict: "pass", detail: counts }
      : { check: "traffic", verdict: "inconclusive", detail: `${counts}; ${minRequests} of each are needed` },
    { check: "errors", ...exceeds("5xx", share(canary, "failed"), share(stable, "failed"), margin, z) },
    { check: "refusals", ...exceeds("4xx", share(canary, "refused"), share(stable, "refused"), margin, z) },
    { check: "latency", ...judgeLatency(canary, stable, policy, z) },
    { check: "reach", ...(enough ? judgeReach(canary, stable, policy, z) : UNREACHED) },
    { check: "throttling", ...judgeThrottling(canary, stable, policy, z) },
    { check: "predictions", ...shifted(canary, stable, policy.predictionMargin, z) },
  ];
}

/** Combines findings: a failed one makes the verdict fail; otherwise, an inconclusive one makes it inconclusive. */
export function verdictOf(findings: readonly Finding[]): Verdict {
  const has = (verdict: Verdict) => findings.some((finding) => finding.verdict === verdict);
  if (has("fail")) return "fail";
  return has("inconclusive") ? "inconclusive" : "pass";
}

export type Judged = Omit<Finding, "check">;

/** Judges an interval: within the margin passes, beyond it fails, straddling it is inconclusive. */
const within = ({ lower, upper }: Interval, margin: number): Verdict => {
  if (lower > margin) return "fail";
  return upper <= margin ? "pass" : "inconclusive";
};

function exceeds(what: string, canary: [number, number], stable: [number, number], margin: number, z: number): Judged {
  const verdict = within(difference(canary, stable, z), margin);
  const detail = `${what} canary ${percent(canary)}, stable ${percent(stable)}, ${percent([margin, 1])} more allowed`;
  return { verdict, detail };
}

/** Pods with few requests are not compared: they have not compiled their code yet. */
const UNREACHED: Judged = { verdict: "pass", detail: "not compared: too few requests" };

function shifted(canary: Traffic, stable: Traffic, margin: number, z: number): Judged {
  const classes = [...new Set([...canary.predictions.keys(), ...stable.predictions.keys()])].sort();
  const [rows, stableRows] = [canary, stable].map(({ predictions }) => total(predictions.values())) as [number, number];
  // An earlier check reports a side without requests.
  if (classes.length === 0) return { verdict: "pass", detail: "predictions have no classes to compare" };
  if (rows === 0 || stableRows === 0) return { verdict: "inconclusive", detail: "no rows were predicted on one side" };
  const judged = classes.map((label) => {
    const [mine, theirs] = [canary.predictions.get(label) ?? 0, stable.predictions.get(label) ?? 0];
    const { lower, upper } = difference([mine, rows], [theirs, stableRows], z);
    const gap = Math.abs(mine / rows - theirs / stableRows);
    // Interval of the distance in either direction.
    const distance = { lower: Math.max(lower, -upper), upper: Math.max(upper, -lower) };
    const detail = `class ${label} canary ${percent([mine, rows])}, stable ${percent([theirs, stableRows])}`;
    return { verdict: within(distance, margin), detail, gap };
  });
  const widest = judged.toSorted((a, b) => b.gap - a.gap)[0];
  const verdicts = judged.map(({ verdict }) => ({ check: "predictions" as const, verdict, detail: "" }));
  return { verdict: verdictOf(verdicts), detail: `${widest?.detail}, ${percent([margin, 1])} apart allowed` };
}

const total = (values: Iterable<number>) => [...values].reduce((sum, value) => sum + value, 0);
