import { setTimeout as sleep } from "node:timers/promises";
import { absent, type ClusterApi, isMissing, whileAway } from "../cluster-api.ts";
import { isReady, restartsOf } from "../pod-problems.ts";
import { podsBy, whyNotRunning } from "../pod-report.ts";
import type { CanaryAnalysisSettings } from "./canary-analysis.ts";
import { EARLY, FINAL, type Finding, judgeCanary, type Verdict, verdictOf } from "./judge.ts";
import { canaryReplicas, scale, serving, share } from "./levers.ts";
import type { Track } from "./pods.ts";
import { FEWEST_ROUNDS } from "./slowness.ts";
import { TrackWatch } from "./track-watch.ts";

export interface Outcome {
  readonly verdict: Verdict;
  /** One line each. */
  readonly findings: readonly string[];
}

type Say = (line: string) => void;

type TrialSettings = CanaryAnalysisSettings & {
  /** What is on trial. */
  readonly candidate: { readonly image: string; readonly version?: string };
  readonly wasInProduction?: boolean | undefined;
};

/**
 * Puts the canary's pods beside the stable ones for a set time and compares what both answer. Whatever comes of it, the
 * canary is scaled to 0 afterwards and the route leads past it; the stable pods are never touched.
 * @param standing reads the version that the registry has in the environment, to tell a first version from one whose pods are elsewhere
 * @throws ClusterError when the cluster refuses, or cannot be asked for a minute
 */
export async function runTrial(
  api: ClusterApi,
  settings: TrialSettings,
  say: Say,
  standing: () => Promise<string | undefined> = async () => undefined,
): Promise<Outcome> {
  const { percent, candidate, wasInProduction } = settings;
  // A rollback must not wait for callers, who may have gone because of what serves now.
  if (wasInProduction) return { verdict: "pass", findings: ["production has served this version before: no trial"] };
  const now = await whenReady(api, settings, say);
  const elsewhere = now === undefined ? await standing() : undefined;
  if (elsewhere !== undefined && elsewhere !== candidate.version)
    return { verdict: "inconclusive", findings: [notHere(settings, elsewhere)] };
  if (now === undefined || now.hasNeverServed)
    return { verdict: "pass", findings: ["nothing serves yet: there is nothing to compare with"] };
  const { ready, images } = now;
  // As when a canary is configured for a service that runs already.
  if (images.includes(candidate.image))
    return { verdict: "pass", findings: ["this version serves already: there is nothing to compare it with"] };
  if (ready === 0) return { verdict: "inconclusive", findings: [nothingReady(settings)] };
  const replicas = canaryReplicas(ready, percent);
  const outcome = await onTrial(api, settings, replicas, say).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  const { isGone } = await clearAway(api, settings, "value" in outcome ? outcome.value.verdict : String(outcome.error));
  if ("error" in outcome) throw isGone ? deletedError(settings, outcome.error) : outcome.error;
  if (!isGone) return outcome.value;
  const { verdict, findings } = outcome.value;
  return { verdict, findings: [...findings, deleted(settings)] };
}

/** Waits for stable pods that do not serve just now: without them, a canary has nothing to be compared with. Undefined if there is no Deployment. */
async function whenReady(api: ClusterApi, { namespace, stable, readySeconds, candidate }: TrialSettings, say: Say) {
  for (const end = Date.now() + readySeconds * 1000; ; await sleep(1000)) {
    const seen = await whileAway(() => serving(api, namespace, stable)).catch(absent);
    if (
      seen === undefined ||
      seen.ready > 0 ||
      seen.hasNeverServed ||
      seen.images.includes(candidate.image) ||
      Date.now() >= end
    )
      return seen;
    say(`canary: waits for the stable pods of ${stable}, none of which is ready`);
  }
}

const nothingReady = ({ namespace, stable, readySeconds }: TrialSettings) =>
  `no pod of Deployment ${stable} in namespace ${namespace} got ready in ${readySeconds} s, so there is nothing to compare with. ` +
  "Bring it back first: update with the version that production has now, or npm run rollback";

const notHere = ({ namespace, stable }: TrialSettings, version: string) =>
  `Deployment ${stable} in namespace ${namespace} does not exist, but the registry has version ${version} in this environment: its pods are ` +
  "elsewhere, or were deleted. There is nothing to compare with here: update with that version first";

const deleted = ({ namespace, canary }: CanaryAnalysisSettings) =>
  `Deployment ${canary} in namespace ${namespace} was deleted. To create it again: pulumi up --refresh`;

const deletedError = (settings: CanaryAnalysisSettings, cause: unknown) =>
  new Error(`the canary has no verdict: ${deleted(settings)}`, { cause });

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

/**
 * First the requests go elsewhere, then the pods go; when the one cannot be done, the other still is. What is not there any more is cleared away.
 * @returns whether the canary's Deployment is gone
 */
async function clearAway(
  api: ClusterApi,
  settings: CanaryAnalysisSettings,
  verdict: string,
): Promise<{ readonly isGone: boolean }> {
  const { namespace, canary, route } = settings;
  const routed = route ? await settled(whileAway(() => share(api, namespace, route, canary, 0))) : [];
  const scaled = await settled(whileAway(() => scale(api, namespace, canary, 0)));
  const problems = [...routed, ...scaled].filter((problem) => !isMissing(problem));
  if (problems.length === 0) return { isGone: scaled.some(isMissing) };
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
  const [ofCanary, ofStable] = await Promise.all([TrackWatch.begin(api, canary), TrackWatch.begin(api, stable)]);
  const intervalMs = 1000 * Math.min(settings.intervalSeconds, settings.seconds / FEWEST_ROUNDS);
  const end = Date.now() + settings.seconds * 1000;
  for (let rounds = 1; ; rounds++) {
    const pause = sleep(Math.max(0, Math.min(intervalMs, end - Date.now())));
    // At the same time: what else the machine does meets both.
    await Promise.all([pause, ofCanary.probe(), ofStable.probe()]);
    const [{ seen, restarts }, { seen: stableSeen }] = await Promise.all([ofCanary.look(), ofStable.look()]);
    if (restarts > 0) return { verdict: "fail", findings: [notStayingUp(restarts)] };
    // On a busy machine a round takes longer: the time that is set may be too short for enough of them.
    const final = Date.now() >= end && rounds >= FEWEST_ROUNDS;
    const findings = judgeCanary(seen, stableSeen, settings, final ? FINAL : EARLY);
    const verdict = verdictOf(findings);
    if (final || verdict === "fail") return { verdict, findings: findings.map(tell) };
    say(`canary: ${findings[0]?.detail}`);
  }
}

const tell = ({ check, verdict, detail }: Finding) => `${check}: ${detail}${verdict === "pass" ? "" : ` (${verdict})`}`;
