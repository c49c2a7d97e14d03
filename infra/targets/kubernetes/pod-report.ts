import { type ClusterApi, ClusterError } from "./cluster-api.ts";
import {
  type Condition,
  conditionProblems,
  eventList,
  isReady,
  type Pod,
  podList,
  podProblem,
  warnings,
} from "./pod-problems.ts";
import { type Part, settingHints } from "./setting-hints.ts";

const LAST_LINES = 15;

/** Lists the pods that are not terminating. @param selector as a query, `a=b,c=d`. @throws ClusterError */
export async function podsBy(api: ClusterApi, namespace: string, selector: string): Promise<Pod[]> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector)}`;
  const { items } = podList.parse(JSON.parse(await api.get(path)));
  return items.filter(({ metadata }) => !metadata.deletionTimestamp);
}

interface Subject {
  readonly namespace: string;
  /** Names of the Deployment or Job, and of the objects that create its pods. */
  readonly names: readonly string[];
  readonly conditions: readonly Condition[];
  readonly pods: readonly Pod[];
  /** Defaults to mlflow for MLflow's Deployment, otherwise to service. */
  readonly part?: Part;
}

/** Describes in one line why the pods do not run, by their state and the owner's conditions. */
export const firstProblem = ({ conditions, pods }: Pick<Subject, "conditions" | "pods">): string | undefined =>
  pods.flatMap((pod) => podProblem(pod) ?? [])[0] ?? conditionProblems(conditions)[0];

/**
 * Collects the cluster's information about pods that do not run: conditions, states, warnings and the last lines of a log. Adds settings that help. Cluster
 * errors are not thrown.
 */
export async function whyNotRunning(api: ClusterApi, subject: Subject): Promise<string[]> {
  const { namespace, names, conditions, pods } = subject;
  const { part = names.includes("mlflow") ? "mlflow" : "service" } = subject;
  const waiting = pods.filter((pod) => !isReady(pod));
  const claims = waiting.flatMap(({ spec }) =>
    spec.volumes.flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []),
  );
  const related = new Set([...names, ...waiting.map(({ metadata }) => metadata.name), ...claims]);
  const events = await quietly(
    async () => eventList.parse(JSON.parse(await api.get(`/api/v1/namespaces/${namespace}/events`))).items,
  );
  const lines = [
    ...conditionProblems(conditions),
    ...pods.flatMap((pod) => podProblem(pod) ?? []),
    ...warnings(events ?? [], related),
  ];
  const failing = waiting.find(({ status }) => status.containerStatuses.length > 0);
  const log = failing ? await lastLines(api, namespace, failing) : [];
  return [
    ...new Set(lines),
    ...(log.length > 0 ? [`last lines of the log of pod ${failing?.metadata.name}:`, ...log] : []),
    ...settingHints(lines, { part, namespace, claims }),
  ];
}

/** Reads the log of the exited container if there is one, because the current one may have printed nothing yet. */
async function lastLines(api: ClusterApi, namespace: string, { metadata }: Pod): Promise<string[]> {
  const path = `/api/v1/namespaces/${namespace}/pods/${metadata.name}/log?tailLines=${LAST_LINES}`;
  const text = (await quietly(() => api.get(`${path}&previous=true`))) ?? (await quietly(() => api.get(path))) ?? "";
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => `  ${line}`);
}

/** Ignores cluster errors: a failed explanation must not replace the original error. */
async function quietly<Answer>(read: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ClusterError) return undefined;
    throw error;
  }
}
