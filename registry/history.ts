import { readGateEvidence } from "./evidence.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import type { ModelVersion } from "./model-versions.ts";
import { printable } from "./printable.ts";
import { createRun, endRun, findExperiment, getOrCreateExperiment } from "./runs.ts";
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
  const last = await searchEvents(client, experiment, { newestMove: true });
  const run = await createRun(
    client,
    experiment,
    `${event.kind} ${arrow}`,
    { ...tags, "mlflow.user": known.who },
    momentAfter(last.events[0]?.when, Date.now()),
  );
  await endRun(client, run.runId, event.kind === "refusal" || event.kind === "failure" ? "FAILED" : "FINISHED");
}

/**
 * Moments of events: the history is read in their order, and must not turn round because a clock was set back.
 * @param last ISO 8601; undefined for the first
 * @param now milliseconds since 1970
 * @returns milliseconds since 1970
 */
export const momentAfter = (last: string | undefined, now: number): number =>
  last === undefined ? now : Math.max(now, Date.parse(last) + 1);

interface RunsAnswer {
  runs?: { info: { start_time: number }; data: { tags?: { key: string; value: string }[] } }[];
  next_page_token?: string;
}

/** The model's history, oldest first; empty when nothing has happened. */
export async function readHistory(client: MlflowClient, modelName: string): Promise<HistoryEvent[]> {
  const experiment = await findExperiment(client, historyExperiment(modelName));
  const events: HistoryEvent[] = [];
  if (experiment === undefined) return events;
  let page: string | undefined;
  do {
    const found = await searchEvents(client, experiment, { page });
    events.push(...found.events);
    page = found.next;
  } while (page);
  return events;
}

/** The last event that changed what is in production; undefined when none did. */
export async function lastMove(client: MlflowClient, modelName: string): Promise<HistoryEvent | undefined> {
  const experiment = await findExperiment(client, historyExperiment(modelName));
  return experiment === undefined
    ? undefined
    : (await searchEvents(client, experiment, { newestMove: true })).events[0];
}

/** A run of the year 10000 was dated by no clock. As the last move it would stand before all that come, and no date could be after it. */
const DATED = `attributes.start_time < ${Date.UTC(10_000, 0)}`;

const ONLY_MOVES = EVENTS.filter((kind) => !MOVES.includes(kind))
  .map((kind) => `tags.\`${TAGS.kind}\` != '${kind}'`)
  .join(" AND ");

async function searchEvents(
  client: MlflowClient,
  experiment: string,
  { page, newestMove }: { page?: string | undefined; newestMove?: boolean },
): Promise<{ events: HistoryEvent[]; next: string | undefined }> {
  const body = {
    experiment_ids: [experiment],
    order_by: [`attributes.start_time ${newestMove ? "DESC" : "ASC"}`],
    ...(newestMove ? { max_results: 1, filter: `${DATED} AND ${ONLY_MOVES}` } : { max_results: 1000, filter: DATED }),
    page_token: page,
  };
  const answer: RunsAnswer = await client.call("POST", "mlflow/runs/search", { body, repeatable: true });
  const events = (answer.runs ?? []).flatMap(({ info, data }) => {
    const event = toEvent(info.start_time, new Map((data.tags ?? []).map(({ key, value }) => [key, value])));
    return event ? [event] : [];
  });
  return { events, next: answer.next_page_token || undefined };
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
