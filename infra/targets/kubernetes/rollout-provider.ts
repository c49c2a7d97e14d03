import { setTimeout as sleep } from "node:timers/promises";
import { defineProvider } from "../../../dynamic/define-provider.ts";
import { changedInputs, isKnown } from "../../../dynamic/provider-inputs.ts";
import type { MoveRecord } from "../../record-move.ts";
import { type CallersPath, redirectStrayTraffic, requireNoStrays, strayTraffic } from "./callers-path.ts";
import {
  type ClusterApi,
  ClusterError,
  isMissing,
  kubectlApi,
  retryOnConflict,
  retryWhileUnavailable,
} from "./cluster-api.ts";
import { currentReplicaSet, describeServing, rollBack } from "./former-pods.ts";
import { toQuery } from "./labels.ts";
import {
  deploymentDrift,
  deploymentPath,
  progress,
  readDeployment,
  restored,
  rolloutProblem,
} from "./live-deployment.ts";
import { firstProblem, podsBy, whyNotRunning } from "./pod-report.ts";

export interface RolloutInputs {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace: string;
  readonly deployment: string;
  readonly pods: string;
  readonly timeoutSeconds: number;
  /** Pod template as the program describes it; absent in the state of earlier releases. */
  readonly template?: object;
  /** Minimum number of pods, to which a Deployment at 0 is scaled. Absent as above. */
  readonly replicas?: number;
  /** Whether `replicas` is also the maximum. */
  readonly isFixed?: boolean;
  /** For the service: the objects that route callers. Absent as above. */
  readonly callers?: CallersPath;
  /** For the service: a failed rollout is undone and recorded in the history. Absent as above. */
  readonly record?: MoveRecord;
}

interface RolloutOutputs extends Omit<RolloutInputs, "template" | "record" | "callers"> {
  /** When all pods became available, ISO 8601. */
  readonly completed: string;
  /** Their ReplicaSet, to which a later failed rollout returns. */
  readonly replicaSet?: string;
}

/** `found`: why the live Deployment must be rolled out again. It is looked up, never set by the program. */
type LookedUp = RolloutInputs & { readonly found?: string };

const POLL_MS = 1000;

/**
 * Waits until a Deployment's pods are available, and reports what delays them.
 * @throws Error after `timeoutSeconds`, with the cluster's conditions and warnings and the last lines of a failing pod's log. Throws immediately if someone
 * else changes the Deployment
 */
export async function waitForRollout(
  api: ClusterApi,
  inputs: RolloutInputs,
  report: (line: string) => void,
  pollMs = POLL_MS,
): Promise<void> {
  const { namespace, deployment: name, timeoutSeconds } = inputs;
  const end = Date.now() + timeoutSeconds * 1000;
  let reported: string | undefined;
  for (;;) {
    const seen = await readRollout(api, namespace, name, end);
    const changed = deploymentDrift(seen.deployment, inputs);
    if (changed !== undefined)
      throw new Error(
        `Deployment ${name} in namespace ${namespace} was changed by someone else during its rollout: ${changed}. ` +
          "Find out who changed it, and run the update again",
      );
    const { done, available } = progress(seen.deployment);
    if (done) {
      if (reported !== undefined) report(`Deployment ${name} is available now`);
      return;
    }
    const problem = firstProblem(seen);
    if (problem !== undefined && problem !== reported) report(problem);
    reported = problem ?? reported;
    if (Date.now() < end) {
      await sleep(Math.min(pollMs, end - Date.now()));
      continue;
    }
    const replicaSets = new Set(seen.pods.map(({ metadata }) => metadata.name.replace(/-[^-]+$/, "")));
    const why = await whyNotRunning(api, { ...seen, namespace, names: [name, ...replicaSets] });
    throw new Error(
      `Deployment ${name} in namespace ${namespace} did not become available within ${timeoutSeconds} s: ${available}\n` +
        `${why.map((line) => `  ${line}`).join("\n") || "  the cluster gives no reason"}\n` +
        `${await describeServing(api, { namespace, deployment: name })}To wait longer: pulumi config set --path kubernetes.rolloutTimeoutSeconds <seconds>`,
    );
  }
}

/** Reads the Deployment and its pods. @param end deadline for an unavailable API server @throws ClusterError */
const readRollout = (api: ClusterApi, namespace: string, name: string, end: number) =>
  retryWhileUnavailable(
    async () => {
      const found = await readDeployment(api, { namespace, deployment: name });
      const pods = await podsBy(api, namespace, toQuery(found.spec.selector.matchLabels));
      return { deployment: found, conditions: found.status.conditions, pods };
    },
    (end - Date.now()) / 1000,
  );

/**
 * Finds what the state does not show: a manual change, or a failed rollout after which the state still has the previous inputs.
 * @returns undefined if the pods are as wanted, or if the cluster does not respond, because a preview works without it
 */
export async function findProblem(api: ClusterApi, inputs: RolloutInputs): Promise<string | undefined> {
  const { callers } = inputs;
  try {
    const live = await readDeployment(api, inputs);
    return rolloutProblem(live, inputs) ?? (callers && (await strayTraffic(api, inputs, callers, live)));
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    if (error.refusal === "NotFound") return "the Deployment is missing: run the update with --refresh";
    // The program itself warns about a cluster that does not respond.
    if (error.refusal !== undefined)
      console.error(`Deployment ${inputs.deployment} is not compared with the program: ${error.message}`);
    return undefined;
  }
}

/**
 * Restores the program's pods in a Deployment that has others, or none. Pulumi compares only with its state, and does not
 * revert later changes.
 * @throws ClusterError
 */
export async function restore(api: ClusterApi, inputs: RolloutInputs, report: (line: string) => void): Promise<void> {
  await retryOnConflict(async () => {
    const live = await retryWhileUnavailable(() => readDeployment(api, inputs));
    const { spec, why } = restored(live, inputs);
    if (why === undefined) return;
    await retryWhileUnavailable(() => api.put(deploymentPath(inputs), { ...live, spec }));
    report(`Deployment ${inputs.deployment} is restored: ${why}`);
  });
}

/** Adds the remedy for a Deployment that was deleted manually: Pulumi's state still has it until a refresh. */
function withRemedy(error: unknown, { namespace, deployment }: RolloutInputs): unknown {
  if (!isMissing(error)) return error;
  const missing = `Deployment ${deployment} or namespace ${namespace} was deleted outside this stack`;
  return new Error(`${missing}. To recreate it: pulumi up --refresh (${(error as Error).message})`, {
    cause: error,
  });
}

/** Creates the provider. @param api replaced in tests */
export function rolloutProvider(api: (inputs: RolloutInputs) => ClusterApi, pollMs = POLL_MS) {
  const report = (line: string) => console.error(line);
  /** @param olds outputs of the last successful rollout */
  const rollOut = async (inputs: LookedUp, olds?: Partial<RolloutOutputs>): Promise<RolloutOutputs> => {
    const cluster = api(inputs);
    const { template: _template, found: _found, record, callers, ...kept } = inputs;
    const apply = async () => {
      if (callers) for (const done of await redirectStrayTraffic(cluster, inputs, callers)) report(done);
      await restore(cluster, inputs, report);
      await waitForRollout(cluster, inputs, report, pollMs);
      if (callers) await requireNoStrays(cluster, inputs, callers);
    };
    const move = () => apply().catch((error) => Promise.reject(withRemedy(error, inputs)));
    // Pods that were rolled out before have no previous pods to return to.
    const isNew = olds?.pods !== inputs.pods;
    const undo = () => rollBack(cluster, inputs, olds?.replicaSet);
    if (!record) await move();
    // Loaded only here, because a rollout of MLflow's server has no registry to write to.
    else await (await import("../../record-move.ts")).recordMove(record, move, isNew ? undo : undefined);
    const replicaSet = record && (await currentReplicaSet(cluster, inputs));
    return { ...kept, completed: new Date().toISOString(), ...(replicaSet !== undefined && { replicaSet }) };
  };
  return {
    /** Compares with the live Deployment only if the program's pods are unchanged: otherwise, the update writes it and waits anyway. */
    async check(olds: Partial<RolloutInputs>, news: RolloutInputs) {
      const { record: _, ...compared } = news;
      const isUnchanged = isKnown(compared) && olds.pods === news.pods;
      const found = isUnchanged ? await findProblem(api(news), news) : undefined;
      return { inputs: found === undefined ? news : { ...news, found } };
    },
    async diff(_id: string, olds: RolloutInputs, news: LookedUp) {
      const changed = changedInputs(olds, news, ["namespace", "deployment", "pods"]).length > 0;
      return { changes: changed || news.found !== undefined };
    },
    async create(inputs: RolloutInputs) {
      return { id: `${inputs.namespace}/${inputs.deployment}`, outs: await rollOut(inputs) };
    },
    async update(_id: string, olds: RolloutInputs & Partial<RolloutOutputs>, news: RolloutInputs) {
      return { outs: await rollOut(news, olds) };
    },
    async delete() {
      // The Deployment is a separate resource.
    },
  };
}

export const provider = defineProvider(rolloutProvider(kubectlApi));
