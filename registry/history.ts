import { isNotFound } from "./errors.ts";
import { readGateEvidence } from "./evidence.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import type { ModelVersion } from "./model-versions.ts";
import { printable } from "./printable.ts";
import { createRun, endRun, getOrCreateExperiment } from "./runs.ts";
import { whoAmI } from "./who-am-i.ts";

export const EVENTS = ["promotion", "rollback", "override", "refusal", "failure", "withdrawal", "removal"] as const;

/**
 * What happened to production. `override`: a promotion that the guard refused and a person answered for; `failure`: a version that
 * the guard let pass could not be verified as it ran.
 */
export type EventKind = (typeof EVENTS)[number];

/** After these another version is in production, or none. */
const MOVES: readonly EventKind[] = ["promotion", "rollback", "override", "removal"];

/** Those of the events that changed what is in production. */
export const movesAmong = (events: readonly HistoryEvent[]): HistoryEvent[] =>
  events.filter(({ kind }) => MOVES.includes(kind));

export interface HistoryEvent {
  readonly kind: EventKind;
  /** ISO 8601, UTC. */
  readonly when: string;
  readonly who: string;
  /** Version that was in production before; undefined when there was none. */
  readonly from?: string;
  /** Version that was in production afterwards, or that was refused, failed or withdrawn; undefined for a removal. */
  readonly to?: string;
  readonly why: string;
  readonly modelSha256?: string;
  readonly policySha256?: string;
  readonly evaluationMd5?: string;
  /** Artifact URI of the gate's report. */
  readonly report?: string;
}

/** Name of the MLflow experiment whose runs are the events. */
export const historyExperiment = (modelName: string): string => `${modelName}-promotions`;

const TAGS = {
  ...{
    kind: "promotion.event",
    who: "promotion.who",
    from: "promotion.from",
    to: "promotion.to",
    why: "promotion.why",
  },
  ...{ modelSha256: "promotion.model_sha256", policySha256: "promotion.policy_sha256" },
  ...{ evaluationMd5: "promotion.evaluation_md5", report: "promotion.report" },
} as const satisfies Readonly<Record<Exclude<keyof HistoryEvent, "when">, string>>;

/** MLflow's own limit for a tag is 8,000 characters (5,000 in older servers). */
const MAX_TAG = 4_900;

/** A move from one version to another: back to an older number is a rollback. */
export function moveKind(from: string | undefined, to: string): "promotion" | "rollback" {
  return from !== undefined && Number(to) < Number(from) ? "rollback" : "promotion";
}

/**
 * Adds an event to the model's history, as a run of its own: now, by whoever runs this, with the digests that the gate left on
 * the version.
 */
export async function recordEvent(
  client: MlflowClient,
  modelName: string,
  event: Pick<HistoryEvent, "kind" | "from" | "to" | "why" | "modelSha256">,
  version?: ModelVersion,
): Promise<void> {
  const gate = version && readGateEvidence(version);
  const evidence = gate && {
    ...{ modelSha256: gate.modelSha256, policySha256: gate.policySha256 },
    ...{ evaluationMd5: gate.evaluationMd5, report: gate.report },
  };
  const known = { ...evidence, ...event, who: whoAmI() };
  const tags: Record<string, string> = {};
  for (const [key, tag] of Object.entries(TAGS)) {
    const value = known[key as keyof typeof known];
    if (value !== undefined) tags[tag] = value.slice(0, MAX_TAG);
  }
  const experiment = await getOrCreateExperiment(client, historyExperiment(modelName));
  const arrow = [event.from, event.to].filter((end) => end !== undefined).join(" to ");
  const run = await createRun(client, experiment, `${event.kind} ${arrow}`, { ...tags, "mlflow.user": known.who });
  await endRun(client, run.runId, event.kind === "refusal" || event.kind === "failure" ? "FAILED" : "FINISHED");
}

interface RunsAnswer {
  runs?: { info: { start_time: number }; data: { tags?: { key: string; value: string }[] } }[];
  next_page_token?: string;
}

/** The model's history, oldest first; empty when nothing has happened. */
export async function readHistory(client: MlflowClient, modelName: string): Promise<HistoryEvent[]> {
  let id: string;
  try {
    const query = { experiment_name: historyExperiment(modelName) };
    const found = await client.call<{ experiment: { experiment_id: string } }>(
      "GET",
      "mlflow/experiments/get-by-name",
      { query },
    );
    id = found.experiment.experiment_id;
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
  const events: HistoryEvent[] = [];
  let page: string | undefined;
  do {
    const body = { experiment_ids: [id], max_results: 1000, order_by: ["attributes.start_time ASC"], page_token: page };
    const answer: RunsAnswer = await client.call("POST", "mlflow/runs/search", { body });
    for (const { info, data } of answer.runs ?? []) {
      const event = toEvent(info.start_time, new Map((data.tags ?? []).map(({ key, value }) => [key, value])));
      if (event) events.push(event);
    }
    page = answer.next_page_token || undefined;
  } while (page);
  return events;
}

/** Undefined for a run that somebody else put into the experiment. */
function toEvent(startTime: number, tags: ReadonlyMap<string, string>): HistoryEvent | undefined {
  const found: Record<string, string> = {};
  for (const [key, tag] of Object.entries(TAGS)) {
    const value = tags.get(tag);
    if (value !== undefined) found[key] = printable(value);
  }
  if (!EVENTS.includes(found.kind as EventKind)) return undefined;
  return { who: "unknown", why: "", ...found, when: new Date(Number(startTime)).toISOString() } as HistoryEvent;
}

/**
 * The event that put into production what was there at a moment; undefined when nothing was.
 * @param events oldest first
 * @param at ISO 8601, UTC
 */
export function inProductionAt(events: readonly HistoryEvent[], at: string): HistoryEvent | undefined {
  const last = movesAmong(events).findLast(({ when }) => when <= at);
  return last?.to === undefined ? undefined : last;
}
