import { setTimeout as sleep } from "node:timers/promises";
import { defineProvider } from "../../../dynamic/define-provider.ts";
import { changedInputs, isKnown } from "../../../dynamic/provider-inputs.ts";
import type { MoveRecord } from "../../recorded-move.ts";
import { type CallersPath, closeOtherWays, otherWays, requireNoStrays } from "./callers-path.ts";
import { type ClusterApi, ClusterError, isMissing, kubectlApi, whileAway, withoutConflict } from "./cluster-api.ts";
import { currentReplicaSet, goBack, whatServes } from "./former-pods.ts";
import { toQuery } from "./labels.ts";
import { deploymentPath, progress, readDeployment, restored, whatIsDifferent, whatIsWrong } from "./live-deployment.ts";
import { firstProblem, podsBy, whyNotRunning } from "./pod-report.ts";

export interface RolloutInputs {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace: string;
  readonly deployment: string;
  readonly pods: string;
  readonly timeoutSeconds: number;
  /** Pods as the program describes them; absent in the state of earlier releases. */
  readonly template?: object;
  /** Minimum number of pods, to which a Deployment at 0 is scaled. Absent as above. */
  readonly replicas?: number;
  /** Whether `replicas` is also the maximum. */
  readonly isFixed?: boolean;
  /** What else the Service could lead callers to. Absent for MLflow's server, and as above. */
  readonly callers?: CallersPath;
  /** For the service: a failed rollout is undone and recorded in the history. Absent as above. */
  readonly record?: MoveRecord;
}

interface RolloutOutputs extends Omit<RolloutInputs, "template" | "record" | "callers"> {
  /** When the pods were all available, ISO 8601. */
  readonly completed: string;
  /** Their ReplicaSet, to which a later failed rollout returns. */
  readonly replicaSet?: string;
}

/** Why the live Deployment must be rolled out again: looked up, never set by the program. */
type LookedUp = RolloutInputs & { readonly found?: string };

const POLL_MS = 1000;

/**
 * Waits until a Deployment has its desired pods, and reports what delays it.
 * @throws Error after `timeoutSeconds`, with the cluster's conditions and warnings and the last lines of a failing pod's log; at once if somebody else
 * changes the Deployment
 */
export async function waitForRollout(
  api: ClusterApi,
  inputs: RolloutInputs,
  say: (line: string) => void,
  pollMs = POLL_MS,
): Promise<void> {
  const { namespace, deployment: name, timeoutSeconds } = inputs;
  const end = Date.now() + timeoutSeconds * 1000;
  let said: string | undefined;
  for (;;) {
    const seen = await look(api, namespace, name, end);
    const changed = whatIsDifferent(seen.deployment, inputs);
    if (changed !== undefined)
      throw new Error(
        `Deployment ${name} in namespace ${namespace} was changed during its rollout, and not by this update: ${changed}. ` +
          "Find out who changed it, and run the update again",
      );
    const { done, available } = progress(seen.deployment);
    if (done) {
      if (said !== undefined) say(`Deployment ${name} has its pods now`);
      return;
    }
    const problem = firstProblem(seen);
    if (problem !== undefined && problem !== said) say(problem);
    said = problem ?? said;
    if (Date.now() < end) {
      await sleep(Math.min(pollMs, end - Date.now()));
      continue;
    }
    const replicaSets = new Set(seen.pods.map(({ metadata }) => metadata.name.replace(/-[^-]+$/, "")));
    const why = await whyNotRunning(api, { ...seen, namespace, names: [name, ...replicaSets] });
    throw new Error(
      `Deployment ${name} in namespace ${namespace} did not get its pods in ${timeoutSeconds} s: ${available}\n` +
        `${why.map((line) => `  ${line}`).join("\n") || "  the cluster names no reason"}\n` +
        `${await whatServes(api, { namespace, deployment: name })}To wait longer: pulumi config set --path kubernetes.rolloutTimeoutSeconds <seconds>`,
    );
  }
}

/** Reads the Deployment and its pods. @param end deadline for an unavailable API server @throws ClusterError */
const look = (api: ClusterApi, namespace: string, name: string, end: number) =>
  whileAway(
    async () => {
      const found = await readDeployment(api, { namespace, deployment: name });
      const pods = await podsBy(api, namespace, toQuery(found.spec.selector.matchLabels));
      return { deployment: found, conditions: found.status.conditions, pods };
    },
    (end - Date.now()) / 1000,
  );

/**
 * Finds what the state does not show: a manual change, or a failed rollout after which the state still has the former inputs.
 * @returns undefined if the pods are as wanted, or if the cluster does not answer, because a preview works without it
 */
export async function findProblem(api: ClusterApi, inputs: RolloutInputs): Promise<string | undefined> {
  const { callers } = inputs;
  try {
    const live = await readDeployment(api, inputs);
    return whatIsWrong(live, inputs) ?? (callers && (await otherWays(api, inputs, callers, live)));
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    if (error.refusal === "NotFound") return "the Deployment is missing: run the update with --refresh";
    // The program itself warns about a cluster that does not answer.
    if (error.refusal !== undefined)
      console.error(`Deployment ${inputs.deployment} is not compared with the program: ${error.message}`);
    return undefined;
  }
}

/**
 * Writes the program's pods to a Deployment that has others, or none. Pulumi compares only with its state, and does not
 * revert later changes.
 * @throws ClusterError
 */
export async function restore(api: ClusterApi, inputs: RolloutInputs, say: (line: string) => void): Promise<void> {
  await withoutConflict(async () => {
    const live = await whileAway(() => readDeployment(api, inputs));
    const { spec, why } = restored(live, inputs);
    if (why === undefined) return;
    await whileAway(() => api.put(deploymentPath(inputs), { ...live, spec }));
    say(`Deployment ${inputs.deployment} is written again: ${why}`);
  });
}

/** Pulumi's state still has a Deployment that was deleted by hand, alone or with its namespace: only a refresh shows that. */
function withWayOut(error: unknown, { namespace, deployment }: RolloutInputs): unknown {
  if (!isMissing(error)) return error;
  const missing = `Deployment ${deployment} or namespace ${namespace} is missing: somebody deleted it`;
  return new Error(`${missing}. To create it again: pulumi up --refresh (${(error as Error).message})`, {
    cause: error,
  });
}

/** @param api for tests */
export function rolloutProvider(api: (inputs: RolloutInputs) => ClusterApi, pollMs = POLL_MS) {
  const say = (line: string) => console.error(line);
  /** @param olds of the last successful rollout */
  const rollOut = async (inputs: LookedUp, olds?: Partial<RolloutOutputs>): Promise<RolloutOutputs> => {
    const cluster = api(inputs);
    const { template: _template, found: _found, record, callers, ...kept } = inputs;
    const bring = async () => {
      if (callers) for (const done of await closeOtherWays(cluster, inputs, callers)) say(done);
      await restore(cluster, inputs, say);
      await waitForRollout(cluster, inputs, say, pollMs);
      if (callers) await requireNoStrays(cluster, inputs, callers);
    };
    const move = () => bring().catch((error) => Promise.reject(withWayOut(error, inputs)));
    // Pods that were verified before have nothing to go back to.
    const isNew = olds?.pods !== inputs.pods;
    const undo = () => goBack(cluster, inputs, olds?.replicaSet);
    if (!record) await move();
    // Loaded only here, because a rollout of MLflow's server has no registry to write to.
    else await (await import("../../recorded-move.ts")).recordedMove(record, move, isNew ? undo : undefined);
    const replicaSet = record && (await currentReplicaSet(cluster, inputs));
    return { ...kept, completed: new Date().toISOString(), ...(replicaSet !== undefined && { replicaSet }) };
  };
  return {
    /** If the program's pods changed, Pulumi writes the Deployment anyway, and the update waits for it. */
    async check(olds: Partial<RolloutInputs>, news: RolloutInputs) {
      const { record: _, ...compared } = news;
      const asks = isKnown(compared) && olds.pods === news.pods;
      const found = asks ? await findProblem(api(news), news) : undefined;
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
