import type { CanaryPolicy, Judged, Observed } from "./judge.ts";
import { difference, type Interval, medianInterval, percent, quantile, quantileInterval } from "./statistics.ts";
import type { Traffic } from "./traffic.ts";

/** Fewer rounds of probes give no useful interval. */
export const MIN_ROUNDS = 6;

/** Share of CPU periods. Throttling in more of them affects the 95th percentile of latency. */
const THROTTLED_MARGIN = 0.05;

/** Share of time spent waiting for a CPU above which the node's load is the main cause of slowness. */
const BUSY = 0.5;

/**
 * Returns the share of time in which the pods were runnable but other work had the CPU, excluding their own limit. 0 if it
 * is not reported.
 */
const waiting = ({ cpu }: Traffic): number => {
  const waited = Math.max(0, (cpu.get("waitedSeconds") ?? 0) - (cpu.get("throttledSeconds") ?? 0));
  return waited / (waited + (cpu.get("ranSeconds") ?? 0) || 1);
};

/**
 * Returns the milliseconds by which the canary may be slower. Under load, a factor would be too generous, so it applies to the time that the stable pods
 * would take without waiting for a CPU.
 */
const moreAllowed = (stableMs: number, waited: number, { latencyFactor, latencyFloorMs }: CanaryPolicy): number =>
  Math.max(latencyFloorMs, (latencyFactor - 1) * stableMs * (1 - waited));

const inMs = (ms: number) => `${ms.toFixed(1)} ms`;
const busy = (waited: number) => `their node was busy: they waited for a CPU ${percent([waited, 1])} of the time`;

interface Timed extends Interval {
  readonly p95: number;
}

const timesOf = ({ durations }: Traffic, z: number): Timed => {
  const { lower, upper } = quantileInterval(durations, 0.95, z);
  return { p95: 1000 * quantile(durations, 0.95), lower: 1000 * lower, upper: 1000 * upper };
};

/** Compares latency by the service's own clock, which starts when its code sees a request. */
export function judgeLatency(canary: Traffic, stable: Traffic, policy: CanaryPolicy, z: number): Judged {
  const { latencyFactor, latencyFloorMs } = policy;
  const allowed = (stableMs: number) => Math.max(latencyFloorMs, latencyFactor * stableMs);
  const [ofCanary, ofStable] = [timesOf(canary, z), timesOf(stable, z)];
  if (Number.isNaN(ofCanary.p95) || Number.isNaN(ofStable.p95))
    return { verdict: "inconclusive", detail: "p95 is not known: no request was timed on one side" };
  const bound = allowed(ofStable.p95);
  const detail = `p95 canary ${inMs(ofCanary.p95)}, stable ${inMs(ofStable.p95)}, ${inMs(bound)} allowed`;
  if (ofCanary.lower > allowed(ofStable.upper)) return { verdict: "fail", detail };
  if (ofCanary.p95 > bound) return { verdict: "inconclusive", detail };
  const waited = waiting(stable);
  const isHidden = waited > BUSY && ofCanary.lower - ofStable.upper > moreAllowed(ofStable.p95, waited, policy);
  return isHidden ? { verdict: "inconclusive", detail: `${detail}; ${busy(waited)}` } : { verdict: "pass", detail };
}

/**
 * Compares what only probes measure: the wait before the service's own clock starts. Rounds of both tracks run at the same time and are compared in
 * pairs, so effects on both cancel out.
 */
export function judgeReach(canary: Observed, stable: Observed, policy: CanaryPolicy, z: number): Judged {
  const pairs = canary.rounds.flatMap((mine, index) => {
    const theirs = stable.rounds[index];
    return mine === undefined || theirs === undefined ? [] : [{ theirs, more: mine - theirs }];
  });
  if (pairs.length < MIN_ROUNDS)
    return {
      verdict: "inconclusive",
      detail: `pods of both answered ${pairs.length} rounds of probes from outside, ${MIN_ROUNDS} are needed`,
    };
  const { value, lower, upper } = medianInterval(
    pairs.map(({ more }) => more),
    z,
  );
  const { value: took } = medianInterval(
    pairs.map(({ theirs }) => theirs),
    z,
  );
  const waited = waiting(stable);
  const allowed = moreAllowed(took, waited, policy);
  const detail =
    `canary ${inMs(value)} slower from outside (median of ${pairs.length} pairs of rounds; ${lower.toFixed(1)} to ${inMs(upper)}), ` +
    `stable ${inMs(took)}, ${inMs(allowed)} more allowed`;
  if (lower > moreAllowed(took, 0, policy)) return { verdict: "fail", detail };
  if (waited <= BUSY) return { verdict: value <= allowed ? "pass" : "inconclusive", detail };
  // Under such a load, chance moves the median: only an interval within the limit passes.
  return upper <= allowed
    ? { verdict: "pass", detail }
    : { verdict: "inconclusive", detail: `${detail}; ${busy(waited)}` };
}

type Counted = [count: number, of: number];
const share = ([count, of]: Counted) => count / (of || 1);

/** Compares CPU throttling, which the kernel counts and which load on the node does not affect. */
export function judgeThrottling(
  canary: Observed,
  stable: Observed,
  { latencyFloorMs }: CanaryPolicy,
  z: number,
): Judged {
  const [silent] = [["canary's", canary] as const, ["stable", stable] as const].filter(
    ([, { cpu }]) => !cpu.has("periods"),
  );
  if (silent) return { verdict: "pass", detail: `not compared: the ${silent[0]} pods do not report it` };
  const [mine, theirs] = [canary, stable].map(({ cpu }) => [cpu.get("throttled") ?? 0, cpu.get("periods") ?? 0]) as [
    Counted,
    Counted,
  ];
  const pauseMs = (1000 * (canary.cpu.get("throttledSeconds") ?? 0)) / (mine[0] || 1);
  const detail = `CPU throttled in ${percent(mine)} of its periods, stable ${percent(theirs)}, ${percent([THROTTLED_MARGIN, 1])} more allowed`;
  if (share(mine) - share(theirs) <= THROTTLED_MARGIN || pauseMs <= latencyFloorMs) return { verdict: "pass", detail };
  // A new pod first compiles its code, which alone must not end a trial.
  const isEarly = canary.rounds.length < MIN_ROUNDS;
  // Without a limit there are no periods, and nothing is throttled.
  const known: Counted = theirs[1] === 0 ? [0, mine[1]] : theirs;
  const sure = !isEarly && difference(mine, known, z).lower > THROTTLED_MARGIN;
  return { verdict: sure ? "fail" : "inconclusive", detail: `${detail}; a pause takes ${inMs(pauseMs)}` };
}
