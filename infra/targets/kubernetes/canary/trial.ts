import { setTimeout as sleep } from "node:timers/promises";
import { type ClusterApi, isMissing, retryWhileUnavailable, undefinedIfMissing } from "../cluster-api.ts";
import { isReady, restartsOf } from "../pod-problems.ts";
import { podsBy, whyNotRunning } from "../pod-report.ts";
import type { CanaryAnalysisSettings } from "./canary-analysis.ts";
import { EARLY, FINAL, type Finding, judgeCanary, type Verdict, verdictOf } from "./judge.ts";
import type { Track } from "./pods.ts";
import { canaryReplicas, readServing, setCanaryWeight, setReplicas } from "./replicas-and-weights.ts";
import { MIN_ROUNDS } from "./slowness.ts";
import { TrackWatch } from "./track-watch.ts";

export interface Outcome {
  readonly verdict: Verdict;
  /** One line each. */
  readonly findings: readonly string[];
}

type Report = (line: string) => void;

type TrialSettings = CanaryAnalysisSettings & {
  /** The version on trial. */
  readonly candidate: { readonly image: string; readonly version?: string };
  readonly wasInProduction?: boolean | undefined;
};

/**
 * Runs the canary's pods beside the stable ones for a set time and compares their traffic. Whatever the outcome, the
 * canary is then scaled to 0 and taken off the route. The stable pods are never changed.
 * @param registered reads the environment's version in the registry, which distinguishes a first version from one whose pods are elsewhere
 * @throws ClusterError if the cluster refuses a request, or does not respond for a minute
 */
export async function runTrial(
  api: ClusterApi,
  settings: TrialSettings,
  report: Report,
  registered: () => Promise<string | undefined> = async () => undefined,
): Promise<Outcome> {
  const { percent, candidate, wasInProduction } = settings;
  // A rollback must not wait for callers, who may have left because of the version that serves now.
  if (wasInProduction) return { verdict: "pass", findings: ["production has served this version before: no trial"] };
  const now = await whenReady(api, settings, report);
  const elsewhere = now === undefined ? await registered() : undefined;
  if (elsewhere !== undefined && elsewhere !== candidate.version)
    return { verdict: "inconclusive", findings: [notHere(settings, elsewhere)] };
  if (now === undefined || now.hasNeverServed)
    return { verdict: "pass", findings: ["no version serves yet, so there is nothing to compare with"] };
  const { ready, images } = now;
  // For example, if a canary is configured for a service that already runs.
  if (images.includes(candidate.image))
    return { verdict: "pass", findings: ["this version already serves, so there is nothing to compare it with"] };
  if (ready === 0) return { verdict: "inconclusive", findings: [nothingReady(settings)] };
  const replicas = canaryReplicas(ready, percent);
  const outcome = await observeCanary(api, settings, replicas, report).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  const { isGone } = await removeCanary(
    api,
    settings,
    "value" in outcome ? outcome.value.verdict : String(outcome.error),
  );
  if ("error" in outcome) throw isGone ? deletedError(settings, outcome.error) : outcome.error;
  if (!isGone) return outcome.value;
  const { verdict, findings } = outcome.value;
  return { verdict, findings: [...findings, deleted(settings)] };
}

/** Waits for a ready stable pod, because a canary must be compared with something. Returns undefined if there is no Deployment. */
async function whenReady(
  api: ClusterApi,
  { namespace, stable, readySeconds, candidate }: TrialSettings,
  report: Report,
) {
  for (const end = Date.now() + readySeconds * 1000; ; await sleep(1000)) {
    const seen = await retryWhileUnavailable(() => readServing(api, namespace, stable)).catch(undefinedIfMissing);
    if (
      seen === undefined ||
      seen.ready > 0 ||
      seen.hasNeverServed ||
      seen.images.includes(candidate.image) ||
      Date.now() >= end
    )
      return seen;
    report(`canary: waiting for the stable pods of ${stable}; none is ready`);
  }
}

const nothingReady = ({ namespace, stable, readySeconds }: TrialSettings) =>
  `no pod of Deployment ${stable} in namespace ${namespace} became ready within ${readySeconds} s, so there is nothing to compare with. ` +
  "Restore it first: run an update with production's current version, or npm run rollback";

const notHere = ({ namespace, stable }: TrialSettings, version: string) =>
  `Deployment ${stable} in namespace ${namespace} does not exist, but the registry has version ${version} in this environment: its pods are ` +
  "elsewhere, or were deleted. There is nothing to compare with here: run an update with that version first";

const deleted = ({ namespace, canary }: CanaryAnalysisSettings) =>
  `Deployment ${canary} in namespace ${namespace} was deleted. To recreate it: pulumi up --refresh`;

const deletedError = (settings: CanaryAnalysisSettings, cause: unknown) =>
  new Error(`the canary has no verdict: ${deleted(settings)}`, { cause });

async function observeCanary(
  api: ClusterApi,
  settings: CanaryAnalysisSettings,
  replicas: number,
  report: Report,
): Promise<Outcome> {
  const { namespace, canary, route, percent, seconds } = settings;
  await retryWhileUnavailable(() => setReplicas(api, namespace, canary, replicas));
  const problems = await waitReady(api, settings, replicas);
  if (problems.length > 0) return { verdict: "fail", findings: problems };
  if (route) await retryWhileUnavailable(() => setCanaryWeight(api, namespace, route, canary, percent));
  report(`canary: ${replicas} pods take part for ${seconds} s`);
  return watch(api, settings, report);
}

/**
 * Removes the canary: first its requests, then its pods. If one step fails, the other still runs. Missing objects count as removed.
 * @returns whether the canary's Deployment is missing
 */
async function removeCanary(
  api: ClusterApi,
  settings: CanaryAnalysisSettings,
  verdict: string,
): Promise<{ readonly isGone: boolean }> {
  const { namespace, canary, route } = settings;
  const routed = route
    ? await settled(retryWhileUnavailable(() => setCanaryWeight(api, namespace, route, canary, 0)))
    : [];
  const scaled = await settled(retryWhileUnavailable(() => setReplicas(api, namespace, canary, 0)));
  const problems = [...routed, ...scaled].filter((problem) => !isMissing(problem));
  if (problems.length === 0) return { isGone: scaled.some(isMissing) };
  throw new AggregateError(
    problems,
    `the canary could not be removed and may still receive requests (its verdict: ${verdict}):\n` +
      `${problems.map((problem) => `  - ${problem}`).join("\n")}\n` +
      `Remove it with: kubectl --namespace ${namespace} scale deployment/${canary} --replicas 0`,
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

/** Waits for the canary's pods. Returns nothing once all are ready, otherwise one finding per problem. */
async function waitReady(
  api: ClusterApi,
  { namespace, canary, canaryPods, intervalSeconds, readySeconds }: CanaryAnalysisSettings,
  replicas: number,
): Promise<string[]> {
  const end = Date.now() + readySeconds * 1000;
  for (;;) {
    const pods = await retryWhileUnavailable(() => podsBy(api, namespace, canaryPods));
    const ready = pods.filter(isReady).length;
    const restarts = pods.reduce((sum, pod) => sum + restartsOf(pod), 0);
    if (ready >= replicas && restarts === 0) return [];
    if (restarts > 0 || Date.now() >= end) {
      const what =
        restarts > 0
          ? notStayingUp(restarts)
          : `${ready} of ${replicas} of the canary's pods became ready within ${readySeconds} s`;
      return [what, ...(await whyNotRunning(api, { namespace, names: [canary], conditions: [], pods }))];
    }
    await sleep(Math.min(1, intervalSeconds) * 1000);
  }
}

const notStayingUp = (restarts: number) => `the canary's pods keep restarting: ${restarts} restarts`;

/** Observes both tracks until the time is up, and stops early only for a certain failure. */
async function watch(api: ClusterApi, settings: CanaryAnalysisSettings, report: Report): Promise<Outcome> {
  const { stable, canary } = tracks(settings);
  const [ofCanary, ofStable] = await Promise.all([TrackWatch.begin(api, canary), TrackWatch.begin(api, stable)]);
  const intervalMs = 1000 * Math.min(settings.intervalSeconds, settings.seconds / MIN_ROUNDS);
  const end = Date.now() + settings.seconds * 1000;
  for (let rounds = 1; ; rounds++) {
    const pause = sleep(Math.max(0, Math.min(intervalMs, end - Date.now())));
    // At the same time, so that other load on the machine affects both.
    await Promise.all([pause, ofCanary.probe(), ofStable.probe()]);
    const [{ seen, restarts }, { seen: stableSeen }] = await Promise.all([ofCanary.observe(), ofStable.observe()]);
    if (restarts > 0) return { verdict: "fail", findings: [notStayingUp(restarts)] };
    // On a busy machine, rounds take longer, and the configured time may be too short for enough of them.
    const final = Date.now() >= end && rounds >= MIN_ROUNDS;
    const findings = judgeCanary(seen, stableSeen, settings, final ? FINAL : EARLY);
    const verdict = verdictOf(findings);
    if (final || verdict === "fail") return { verdict, findings: findings.map(describe) };
    report(`canary: ${findings[0]?.detail}`);
  }
}

const describe = ({ check, verdict, detail }: Finding) =>
  `${check}: ${detail}${verdict === "pass" ? "" : ` (${verdict})`}`;
