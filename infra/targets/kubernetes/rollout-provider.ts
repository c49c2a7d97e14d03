import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { changedInputs } from "../../../dynamic/changed-inputs.ts";
import { defineProvider } from "../../../dynamic/define-provider.ts";
import { type ClusterApi, kubectlApi, whileAway } from "./cluster-api.ts";
import { toQuery } from "./labels.ts";
import { conditions } from "./pod-problems.ts";
import { firstProblem, podsBy, whyNotRunning } from "./pod-report.ts";

export interface RolloutInputs {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace: string;
  readonly deployment: string;
  readonly pods: string;
  readonly timeoutSeconds: number;
}

const POLL_MS = 1000;

const count = z.int().default(0);
const deployment = z.object({
  metadata: z.object({ generation: count }),
  spec: z.object({
    replicas: z.int().default(1),
    selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
  }),
  status: z
    .object({
      ...{ observedGeneration: count, replicas: count, updatedReplicas: count, availableReplicas: count },
      conditions,
    })
    .prefault({}),
});
type Deployment = z.infer<typeof deployment>;

/** As `kubectl rollout status` has it: the new pods are all available, and the old ones are gone. */
function progress({ metadata, spec, status }: Deployment): { done: boolean; available: string } {
  const { observedGeneration, replicas, updatedReplicas, availableReplicas } = status;
  const seen = observedGeneration >= metadata.generation;
  // Of those that are available, the old ones are first.
  const updated = Math.max(0, availableReplicas - (replicas - updatedReplicas));
  return {
    done: seen && updatedReplicas >= spec.replicas && replicas === updatedReplicas && availableReplicas >= replicas,
    available: `${seen ? updated : 0} of ${spec.replicas} new pods are available${
      replicas > updatedReplicas ? `, ${replicas - updatedReplicas} of the version before are still there` : ""
    }`,
  };
}

/**
 * Waits until a Deployment has the pods that it wants, saying what keeps it.
 * @throws Error after `timeoutSeconds`, with the cluster's conditions and warnings and the last lines of a failing pod's log
 */
export async function waitForRollout(
  api: ClusterApi,
  { namespace, deployment: name, timeoutSeconds }: RolloutInputs,
  say: (line: string) => void,
  pollMs = POLL_MS,
): Promise<void> {
  const end = Date.now() + timeoutSeconds * 1000;
  let said: string | undefined;
  for (;;) {
    const seen = await look(api, namespace, name, end);
    const { done, available } = progress(seen.deployment);
    if (done) return;
    const problem = firstProblem(seen);
    if (problem !== undefined && problem !== said) say(problem);
    said = problem;
    if (Date.now() < end) {
      await sleep(Math.min(pollMs, end - Date.now()));
      continue;
    }
    const replicaSets = new Set(seen.pods.map(({ metadata }) => metadata.name.replace(/-[^-]+$/, "")));
    const why = await whyNotRunning(api, { ...seen, namespace, names: [name, ...replicaSets] });
    throw new Error(
      `Deployment ${name} in namespace ${namespace} did not get its pods in ${timeoutSeconds} s: ${available}\n` +
        `${why.map((line) => `  ${line}`).join("\n") || "  the cluster names no reason"}\n` +
        "Pods that served before go on serving. To wait longer: pulumi config set --path kubernetes.rolloutTimeoutSeconds <seconds>",
    );
  }
}

/** The Deployment and its pods. @param end when there is no time left for an API server that is away @throws ClusterError */
const look = (api: ClusterApi, namespace: string, name: string, end: number) =>
  whileAway(
    async () => {
      const found = deployment.parse(
        JSON.parse(await api.get(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`)),
      );
      const pods = await podsBy(api, namespace, toQuery(found.spec.selector.matchLabels));
      return { deployment: found, conditions: found.status.conditions, pods };
    },
    (end - Date.now()) / 1000,
  );

const rollOut = (inputs: RolloutInputs) => waitForRollout(kubectlApi(inputs), inputs, (line) => console.error(line));

export const provider = defineProvider({
  async diff(_id: string, olds: RolloutInputs, news: RolloutInputs) {
    return { changes: changedInputs(olds, news, ["namespace", "deployment", "pods"]).length > 0 };
  },
  async create(inputs: RolloutInputs) {
    await rollOut(inputs);
    return { id: `${inputs.namespace}/${inputs.deployment}`, outs: inputs };
  },
  async update(_id: string, _olds: RolloutInputs, news: RolloutInputs) {
    await rollOut(news);
    return { outs: news };
  },
  async delete() {
    // The Deployment is a resource of its own.
  },
});
