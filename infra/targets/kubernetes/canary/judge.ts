import { difference, type Interval, quantile, quantileInterval, type Spread, sampleQuantile } from "./statistics.ts";
import type { Traffic } from "./traffic.ts";

export type Verdict = "pass" | "fail" | "inconclusive";

export interface Finding {
  readonly check: "traffic" | "errors" | "refusals" | "latency" | "reach" | "predictions";
  readonly verdict: Verdict;
  /** One line. */
  readonly detail: string;
}

export interface CanaryPolicy {
  /** By how much a share of failed or refused requests may exceed the stable pods'. */
  readonly errorRateMargin: number;
  /** By what factor the 95th percentile may exceed the stable pods'. */
  readonly latencyFactor: number;
  /** Milliseconds: nothing below is slow. */
  readonly latencyFloorMs: number;
  /** By how much a class' share of the predictions may differ. */
  readonly predictionMargin: number;
  /** Fewer requests than this on either side prove nothing. */
  readonly minRequests: number;
}

/** Fewer rounds of probes than this have no interval worth the name. */
const FEWEST_ROUNDS = 6;

/** Normal quantiles, two-sided: 95 % for the verdict at the end, 99.9 % for the looks before, of which there are many. */
export const FINAL = 1.96;
export const EARLY = 3.29;

/** What was seen of a track. */
export interface Seen extends Traffic {
  /** Slowest of each round of probes from outside, milliseconds. */
  readonly rounds: readonly number[];
}

/** Compares the canary's traffic with the stable pods' in the same time. Always answers every check. */
export function judgeCanary(canary: Seen, stable: Seen, policy: CanaryPolicy, z: number = FINAL): Finding[] {
  const { errorRateMargin: margin, minRequests } = policy;
  const enough = canary.requests >= minRequests && stable.requests >= minRequests;
  const seen = `canary ${canary.requests} requests, stable ${stable.requests}`;
  const share = (of: Traffic, count: "failed" | "refused"): [number, number] => [of[count], of.requests];
  return [
    enough
      ? { check: "traffic", verdict: "pass", detail: seen }
      : { check: "traffic", verdict: "inconclusive", detail: `${seen}; ${minRequests} of each are needed` },
    { check: "errors", ...exceeds("5xx", share(canary, "failed"), share(stable, "failed"), margin, z) },
    { check: "refusals", ...exceeds("4xx", share(canary, "refused"), share(stable, "refused"), margin, z) },
    { check: "latency", ...slower(canary, stable, policy, z) },
    { check: "reach", ...(enough ? fartherAway(canary.rounds, stable.rounds, policy, z) : UNREACHED) },
    { check: "predictions", ...shifted(canary, stable, policy.predictionMargin, z) },
  ];
}

/** One failed check is a fail; without one, what is not known keeps it from passing. */
export function verdictOf(findings: readonly Finding[]): Verdict {
  const has = (verdict: Verdict) => findings.some((finding) => finding.verdict === verdict);
  if (has("fail")) return "fail";
  return has("inconclusive") ? "inconclusive" : "pass";
}

type Judged = Omit<Finding, "check">;

/** By an interval: wholly within the margin passes, wholly beyond fails, across it is not known. */
const within = ({ lower, upper }: Interval, margin: number): Verdict => {
  if (lower > margin) return "fail";
  return upper <= margin ? "pass" : "inconclusive";
};

function exceeds(what: string, canary: [number, number], stable: [number, number], margin: number, z: number): Judged {
  const verdict = within(difference(canary, stable, z), margin);
  const detail = `${what} canary ${percent(canary)}, stable ${percent(stable)}, ${percent([margin, 1])} more allowed`;
  return { verdict, detail };
}

function slower(canary: Traffic, stable: Traffic, policy: CanaryPolicy, z: number): Judged {
  const { latencyFactor, latencyFloorMs } = policy;
  const ms = (seconds: number) => seconds * 1000;
  const allowed = (stableSeconds: number) => Math.max(latencyFloorMs, latencyFactor * ms(stableSeconds));
  const [ofCanary, ofStable] = [canary, stable].map(({ durations }) => ({
    p95: quantile(durations, 0.95),
    ...quantileInterval(durations, 0.95, z),
  })) as [Interval & { p95: number }, Interval & { p95: number }];
  if (Number.isNaN(ofCanary.p95) || Number.isNaN(ofStable.p95))
    return { verdict: "inconclusive", detail: "p95 is not known: no request was timed on one side" };
  const bound = allowed(ofStable.p95);
  const [told, other] = [ms(ofCanary.p95), ms(ofStable.p95)].map((value) => `${value.toFixed(1)} ms`);
  const detail = `p95 canary ${told}, stable ${other}, ${bound.toFixed(1)} ms allowed`;
  if (ms(ofCanary.lower) > allowed(ofStable.upper)) return { verdict: "fail", detail };
  return { verdict: ms(ofCanary.p95) <= bound ? "pass" : "inconclusive", detail };
}

/** Pods without callers have not compiled their code yet. */
const UNREACHED: Judged = { verdict: "pass", detail: "not compared: too few requests" };

/**
 * The service times a request from when its code sees it. What callers wait before that is in the probes only. Those of one round meet the same
 * moment, so rounds are compared, by the slowest probe of each: a quarter of them may meet a pause of the machine. They are few, and the way through
 * the cluster makes them vary: they fail a canary that surely takes longer, and hold up no other.
 */
function fartherAway(
  canary: readonly number[],
  stable: readonly number[],
  { latencyFactor, latencyFloorMs }: CanaryPolicy,
  z: number,
): Judged {
  const probed = `${canary.length} and ${stable.length} rounds of probes from outside`;
  if (Math.min(canary.length, stable.length) < FEWEST_ROUNDS) return { verdict: "pass", detail: `only ${probed}` };
  const [ofCanary, ofStable] = [canary, stable].map((times) => sampleQuantile(times, 0.75, z)) as [Spread, Spread];
  const bound = Math.max(latencyFloorMs, latencyFactor * ofStable.upper);
  const slowerBy = ofCanary.lower - ofStable.upper;
  const verdict = ofCanary.lower > bound && slowerBy > latencyFloorMs ? "fail" : "pass";
  const told = `canary ${ofCanary.value.toFixed(1)} ms, stable ${ofStable.value.toFixed(1)} ms`;
  return { verdict, detail: `slowest of ${probed}, three quarters of them within: ${told}` };
}

function shifted(canary: Traffic, stable: Traffic, margin: number, z: number): Judged {
  const classes = [...new Set([...canary.predictions.keys(), ...stable.predictions.keys()])].sort();
  const [rows, stableRows] = [canary, stable].map(({ predictions }) => total(predictions.values())) as [number, number];
  // Both answered requests, or an earlier check says that they did not.
  if (classes.length === 0) return { verdict: "pass", detail: "predictions have no classes to compare" };
  if (rows === 0 || stableRows === 0) return { verdict: "inconclusive", detail: "no rows were predicted on one side" };
  const judged = classes.map((label) => {
    const [mine, theirs] = [canary.predictions.get(label) ?? 0, stable.predictions.get(label) ?? 0];
    const { lower, upper } = difference([mine, rows], [theirs, stableRows], z);
    const gap = Math.abs(mine / rows - theirs / stableRows);
    // Of the distance, whichever side it is on.
    const distance = { lower: Math.max(lower, -upper), upper: Math.max(upper, -lower) };
    const detail = `class ${label} canary ${percent([mine, rows])}, stable ${percent([theirs, stableRows])}`;
    return { verdict: within(distance, margin), detail, gap };
  });
  const widest = judged.toSorted((a, b) => b.gap - a.gap)[0];
  const verdicts = judged.map(({ verdict }) => ({ check: "predictions" as const, verdict, detail: "" }));
  return { verdict: verdictOf(verdicts), detail: `${widest?.detail}, ${percent([margin, 1])} apart allowed` };
}

const percent = ([count, of]: [number, number]) => `${((100 * count) / (of || 1)).toFixed(1)} %`;
const total = (values: Iterable<number>) => [...values].reduce((sum, value) => sum + value, 0);
