import { setTimeout as sleep } from "node:timers/promises";
import { type ClusterApi, ClusterError, whileAway } from "../cluster-api.ts";
import { isReady, restartsOf } from "../pod-problems.ts";
import { podsBy, whyNotRunning } from "../pod-report.ts";
import type { CanaryAnalysisSettings } from "./canary-analysis.ts";
import { EARLY, type Finding, judgeCanary, type Verdict, verdictOf } from "./judge.ts";
import { canaryReplicas, readyReplicas, scale, share } from "./levers.ts";
import { listPods, readTraffic, type Track } from "./pods.ts";
import { probePods } from "./probe.ts";
import { TrafficMeter } from "./traffic-meter.ts";

export interface Outcome {
  readonly verdict: Verdict;
  /** One line each. */
  readonly findings: readonly string[];
}

type Say = (line: string) => void;

/**
 * Puts the canary's pods beside the stable ones for a set time and compares what both answer. Whatever comes of it, the
 * canary is scaled to 0 afterwards and the route leads past it; the stable pods are never touched.
 * @throws ClusterError when the cluster refuses, or cannot be asked for a minute
 */
export async function runTrial(api: ClusterApi, settings: CanaryAnalysisSettings, say: Say): Promise<Outcome> {
  const { namespace, stable, percent } = settings;
  const serving = await whileAway(() => readyReplicas(api, namespace, stable)).catch((error: unknown) => {
    if (error instanceof ClusterError && error.refusal === "NotFound") return 0;
    throw error;
  });
  if (serving === 0) return { verdict: "pass", findings: ["nothing serves yet: there is nothing to compare with"] };
  const replicas = canaryReplicas(serving, percent);
  const outcome = await onTrial(api, settings, replicas, say).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  await clearAway(api, settings, "value" in outcome ? outcome.value.verdict : String(outcome.error));
  if ("error" in outcome) throw outcome.error;
  return outcome.value;
}

async function onTrial(
  api: ClusterApi,
  settings: CanaryAnalysisSettings,
  replicas: number,
  say: Say,
): Promise<Outcome> {
  const { namespace, canary, route, percent, seconds } = settings;
  await whileAway(() => scale(api, namespace, canary, replicas));
  const wrong = await waitReady(api, settings, replicas);
  if (wrong.length > 0) return { verdict: "fail", findings: wrong };
  if (route) await whileAway(() => share(api, namespace, route, canary, percent));
  say(`canary: ${replicas} of its pods take part for ${seconds} s`);
  return watch(api, settings, say);
}

/** First the requests go elsewhere, then the pods go; when the one cannot be done, the other still is. */
async function clearAway(api: ClusterApi, settings: CanaryAnalysisSettings, verdict: string): Promise<void> {
  const { namespace, canary, route } = settings;
  const routed = route ? await settled(whileAway(() => share(api, namespace, route, canary, 0))) : [];
  const problems = [...routed, ...(await settled(whileAway(() => scale(api, namespace, canary, 0))))];
  if (problems.length === 0) return;
  throw new AggregateError(
    problems,
    `the canary could not be cleared away and may still get requests (its verdict: ${verdict}):\n` +
      `${problems.map((problem) => `  - ${problem}`).join("\n")}\n` +
      `Do it by hand: kubectl --namespace ${namespace} scale deployment/${canary} --replicas 0`,
  );
}

const settled = (work: Promise<void>): Promise<unknown[]> =>
  work.then(
    () => [],
    (error: unknown) => [error],
  );

const tracks = ({
  namespace,
  port,
  stablePods,
  canaryPods,
}: CanaryAnalysisSettings): Record<"stable" | "canary", Track> => ({
  stable: { namespace, port, query: stablePods },
  canary: { namespace, port, query: canaryPods },
});

/** None once all are ready; else what is wrong with them, a finding a line. */
async function waitReady(
  api: ClusterApi,
  { namespace, canary, canaryPods, intervalSeconds, readySeconds }: CanaryAnalysisSettings,
  replicas: number,
): Promise<string[]> {
  const end = Date.now() + readySeconds * 1000;
  for (;;) {
    const pods = await whileAway(() => podsBy(api, namespace, canaryPods));
    const ready = pods.filter(isReady).length;
    const restarts = pods.reduce((sum, pod) => sum + restartsOf(pod), 0);
    if (ready >= replicas && restarts === 0) return [];
    if (restarts > 0 || Date.now() >= end) {
      const what =
        restarts > 0
          ? notStayingUp(restarts)
          : `${ready} of ${replicas} of the canary's pods got ready in ${readySeconds} s`;
      return [what, ...(await whyNotRunning(api, { namespace, names: [canary], conditions: [], pods }))];
    }
    await sleep(Math.min(1, intervalSeconds) * 1000);
  }
}

const notStayingUp = (restarts: number) => `the canary's pods do not stay up: ${restarts} restarts`;

/** Looks until the time is up, and stops early only for what is surely wrong. */
async function watch(api: ClusterApi, settings: CanaryAnalysisSettings, say: Say): Promise<Outcome> {
  const { stable, canary } = tracks(settings);
  const read = (track: Track) =>
    whileAway(async () => {
      const pods = await listPods(api, track);
      return { pods, traffic: await readTraffic(api, track, pods) };
    });
  const meter = async (track: Track) => {
    const { pods, traffic } = await read(track);
    return new TrafficMeter(
      traffic,
      pods.map(({ name }) => name),
    );
  };
  const meters = { stable: await meter(stable), canary: await meter(canary) };
  const rounds = { stable: [] as number[], canary: [] as number[] };
  // The first round of a new pod compiles its code.
  for (const track of [canary, stable]) await probePods(api, track, await whileAway(() => listPods(api, track)));
  for (const end = Date.now() + settings.seconds * 1000; ; ) {
    await sleep(Math.max(0, Math.min(settings.intervalSeconds * 1000, end - Date.now())));
    const [mine, theirs] = await Promise.all([read(canary), read(stable)]);
    const restarts = mine.pods.reduce((sum, pod) => sum + pod.restarts, 0);
    if (restarts > 0) return { verdict: "fail", findings: [notStayingUp(restarts)] };
    // In turn: what else the machine does meets both.
    for (const [times, track, { pods }] of [
      [rounds.canary, canary, mine],
      [rounds.stable, stable, theirs],
    ] as const) {
      const mean = await probePods(api, track, pods);
      if (mean !== undefined) times.push(mean);
    }
    const seen = [
      { ...meters.canary.take(mine.traffic), rounds: rounds.canary },
      { ...meters.stable.take(theirs.traffic), rounds: rounds.stable },
    ] as const;
    const final = Date.now() >= end;
    const findings = final ? judgeCanary(...seen, settings) : judgeCanary(...seen, settings, EARLY);
    const verdict = verdictOf(findings);
    if (final || verdict === "fail") return { verdict, findings: findings.map(tell) };
    say(`canary: ${findings[0]?.detail}`);
  }
}

const tell = ({ check, verdict, detail }: Finding) => `${check}: ${detail}${verdict === "pass" ? "" : ` (${verdict})`}`;
