import type { z } from "zod";
import { ABOUT_KEY } from "../../../data/issue-messages.ts";
import type { Task } from "../metrics/answered-rows.ts";
import type { Metric } from "../metrics/metric.ts";
import { METRIC_FAMILIES, METRICS } from "../metrics/metric-table.ts";
import { ofSeveralClasses } from "../not-defined.ts";
import { DIFFERENCES, FLOORS } from "./slice-policy.ts";

/** Metrics with and without parameters, by key. */
const KNOWN: Readonly<Record<string, Pick<Metric, "tasks" | "needs"> & { readonly metric?: string }>> = {
  ...METRICS,
  ...METRIC_FAMILIES,
};

const PROBABILITIES =
  "needs probabilities, which an anomaly detector (gate.task: anomaly) does not return. For its scores, use rocAuc, prAuc, ks, precisionAtK, precisionAtRecall or recallAtPrecision";

/** The task that each part of a policy requires. */
const PARTS = { classes: "multiclass", targets: "regression" } as const;

type Group = Readonly<Record<string, unknown>>;
interface Terms {
  readonly task?: Task | undefined;
  readonly anomalyScores?: string | undefined;
  readonly accuracy?: unknown;
  readonly performance?: Group | undefined;
  readonly champion?: Group | undefined;
  readonly baseline?: Group | undefined;
  readonly slices?: Readonly<Record<string, Group>> | undefined;
  readonly robustness?: Group | undefined;
  readonly parity?: Group | undefined;
  readonly schema?: Group | undefined;
  readonly predictions?: Group | undefined;
}

/** Rejects settings that no model of the policy's task can meet, so that an update fails before training. */
export function refuseForTask(policy: Terms, context: z.RefinementCtx): void {
  const { task, anomalyScores } = policy;
  const reject = (path: readonly string[], message: string) =>
    context.addIssue({ code: "custom", path: [...path], message, ...ABOUT_KEY });
  if (task === undefined) return;
  if (anomalyScores !== undefined && task !== "anomaly")
    reject(["anomalyScores"], `requires gate.task: anomaly, but gate.task is ${task}`);
  const isRegression = task === "regression";
  const { accuracy } = policy;
  const metrics = [
    ...keysOf({ accuracy }).map((key) => [key]),
    ...(["performance", "champion", "baseline"] as const).flatMap((group) =>
      keysOf(policy[group]).map((key) => [group, key]),
    ),
  ];
  for (const path of metrics) {
    const problem = problemOfMetric(path.at(-1) as string, task);
    if (problem !== undefined) reject(path, problem);
  }
  for (const [name, slice] of Object.entries(policy.slices ?? {}))
    for (const key of keysOf(slice)) {
      const tasks = tasksOfRate(key);
      if (tasks && !tasks.includes(rowsTask(task))) reject(["slices", name, key], isFor(tasks, task));
    }
  for (const [kind, terms] of Object.entries(policy.robustness ?? {}))
    for (const key of keysOf(terms)) {
      const path = ["robustness", kind, key];
      if (isRegression && (key === "flips" || key === "accuracyDrop")) reject(path, `${NO_CLASSIFIER}. Use rmseRise`);
      if (!isRegression && key === "rmseRise")
        reject(path, `${isFor(["regression"], task)}. Use flips or accuracyDrop`);
    }
  if (isRegression && policy.parity?.flips !== undefined)
    reject(["parity", "flips"], `${NO_CLASSIFIER}. Use difference`);
  if (policy.predictions?.positiveShare !== undefined && rowsTask(task) !== "binary")
    reject(["predictions", "positiveShare"], isFor(["binary", "anomaly"], task));
  if (policy.predictions?.value !== undefined && !isRegression)
    reject(["predictions", "value"], isFor(["regression"], task));
  if (policy.schema?.probabilitySum !== undefined) {
    if (task === "anomaly") reject(["schema", "probabilitySum"], PROBABILITIES);
    if (isRegression) reject(["schema", "probabilitySum"], NO_CLASSIFIER);
  }
}

const NO_CLASSIFIER = "requires a classifier, but gate.task is regression";
const isFor = (tasks: readonly string[], task: Task) =>
  `requires gate.task: ${tasks.join(" or ")}, but gate.task is ${task}`;

/** Returns the task of the model's rows: a detector's rows have two classes. */
const rowsTask = (task: Task) => (task === "anomaly" ? "binary" : task);

/** Returns the keys that are set. */
const keysOf = (group: unknown): string[] =>
  typeof group === "object" && group !== null
    ? Object.entries(group).flatMap(([key, terms]) => (terms === undefined ? [] : [key]))
    : [];

function problemOfMetric(key: string, task: Task): string | undefined {
  if (key === "classes" || key === "targets") return PARTS[key] === task ? undefined : isFor([PARTS[key]], task);
  const known = KNOWN[key];
  if (!known) return undefined;
  const { tasks, needs, metric } = known;
  if (!tasks.includes(rowsTask(task)))
    return `is a metric for ${tasks.join(" and ")}, but gate.task is ${task}${metric ? ofSeveralClasses({ metric }, rowsTask(task)) : ""}`;
  return task === "anomaly" && needs === "probabilities" ? PROBABILITIES : undefined;
}

/** Returns the tasks that define a rate; undefined for a key that is not a rate, such as the slice's column. */
function tasksOfRate(key: string): readonly Task[] | undefined {
  if (key === "classes" || key === "targets") return [PARTS[key]];
  const floors: Readonly<Record<string, readonly Task[]>> = FLOORS;
  const differences: Readonly<Record<string, { readonly tasks: readonly Task[] }>> = DIFFERENCES;
  return floors[key] ?? differences[key]?.tasks;
}
