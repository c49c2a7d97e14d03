/**
 * Explains from the cluster's objects why pods do not run. Pure functions.
 * @module
 */
import { z } from "zod";

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(""),
  message: z.string().default(""),
});
const waiting = z.object({ reason: z.string().default(""), message: z.string().default("") });
const terminated = z.object({ reason: z.string().default(""), exitCode: z.int().default(0) });
const state = z.object({
  waiting: waiting.optional(),
  terminated: terminated.optional(),
  running: z.looseObject({}).optional(),
});
const containerStatus = z.object({
  name: z.string().default(""),
  ready: z.boolean().default(false),
  restartCount: z.int().default(0),
  state: state.default({}),
  lastState: state.default({}),
});
export const pod = z.object({
  metadata: z.object({
    name: z.string(),
    deletionTimestamp: z.string().optional(),
    labels: z.record(z.string(), z.string()).default({}),
    ownerReferences: z.array(z.object({ name: z.string().default("") })).default([]),
  }),
  spec: z
    .object({
      containers: z.array(z.object({ image: z.string().default("") })).default([]),
      volumes: z.array(z.object({ persistentVolumeClaim: z.object({ claimName: z.string() }).optional() })).default([]),
    })
    .prefault({}),
  status: z
    .object({ conditions: z.array(condition).default([]), containerStatuses: z.array(containerStatus).default([]) })
    .prefault({}),
});
export const podList = z.object({ items: z.array(pod) });
export const eventList = z.object({
  items: z.array(
    z.object({
      type: z.string().default(""),
      reason: z.string().default(""),
      message: z.string().default(""),
      involvedObject: z.object({ kind: z.string().default(""), name: z.string().default("") }).prefault({}),
      lastTimestamp: z.string().nullish(),
      eventTime: z.string().nullish(),
    }),
  ),
});
export type Condition = z.infer<typeof condition>;
export type Pod = z.infer<typeof pod>;
export type Events = z.infer<typeof eventList>["items"];
export const conditions = z.array(condition).default([]);

/** Reasons that every pod reports while it starts. */
const USUAL = ["", "ContainerCreating", "PodInitializing"];
const MAX_EVENTS = 5;

const describe = ({ reason, message }: { readonly reason: string; readonly message: string }) =>
  [reason, message].filter(Boolean).join(": ");

export const isReady = ({ status }: Pod): boolean =>
  status.conditions.some(({ type, status: is }) => type === "Ready" && is === "True");

export const restartsOf = ({ status }: Pod): number =>
  status.containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0);

/** Describes why a pod does not run: no node fits, its image cannot be pulled, its program exits. Undefined if nothing is wrong. */
export function podProblem(pod: Pod): string | undefined {
  const { metadata, status } = pod;
  const notRunning = (what: string) => `pod ${metadata.name} does not run: ${what}`;
  const stuck = status.containerStatuses
    .flatMap(({ state }) => state.waiting ?? [])
    .find(({ reason }) => !USUAL.includes(reason));
  const ended = status.containerStatuses.flatMap(
    ({ state, lastState }) => lastState.terminated ?? state.terminated ?? [],
  );
  const exit = ended[0]
    ? ` (it ended with exit code ${ended[0].exitCode}${ended[0].reason && `, ${ended[0].reason}`})`
    : "";
  if (stuck) return notRunning(`${describe(stuck)}${exit}`);
  const unscheduled = status.conditions.find(({ type, status: is }) => type === "PodScheduled" && is === "False");
  if (unscheduled) return notRunning(describe(unscheduled));
  const restarts = restartsOf(pod);
  if (restarts > 0 && !isReady(pod)) return notRunning(`its container has restarted, ${restarts} times so far${exit}`);
  const unready = status.conditions.find(({ type, status: is }) => type === "ContainersReady" && is === "False");
  return unready && status.containerStatuses.length > 0
    ? `pod ${metadata.name} is not ready: ${unready.message}`
    : undefined;
}

/** Describes conditions of a Deployment or Job that show a problem, such as a quota or a deadline. */
export const conditionProblems = (all: readonly Condition[]): string[] =>
  all
    .filter(
      ({ type, status, reason }) =>
        (type === "ReplicaFailure" && status === "True") ||
        (type === "Progressing" && status === "False") ||
        reason === "FailedCreate",
    )
    .map(describe);

/** Returns the latest warnings about any of these objects, oldest first, without duplicates. */
export function warnings(events: Events, names: ReadonlySet<string>): string[] {
  const time = ({ lastTimestamp, eventTime }: Events[number]) => Date.parse(lastTimestamp ?? eventTime ?? "") || 0;
  const about = events
    // An autoscaler has its Deployment's name, and warns about new pods because they have no metrics yet.
    .filter(({ involvedObject: { kind, name } }) => names.has(name) && kind !== "HorizontalPodAutoscaler")
    .filter(({ type }) => type === "Warning")
    .sort((a, b) => time(a) - time(b))
    .map((event) => `${event.involvedObject.name}: ${describe(event)}`);
  return [...new Set(about)].slice(-MAX_EVENTS);
}
