import { printable, printableLines } from "./errors.ts";
import { EVENTS, type EventKind, type HistoryEvent, MOVES, momentAfter, REACHED } from "./history-event.ts";
import { findHistory, openHistory } from "./history-experiment.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import { PROMOTION_EVIDENCE_TAGS } from "./promotion-evidence.ts";
import { whoAmI } from "./provenance.ts";
import { quoted } from "./request-words.ts";
import { createRun, deleteRun, endRun } from "./runs.ts";

const TAGS = {
  kind: "promotion.event",
  who: "promotion.who",
  from: "promotion.from",
  to: "promotion.to",
  why: "promotion.why",
  ...PROMOTION_EVIDENCE_TAGS,
} as const satisfies Readonly<Record<Exclude<keyof HistoryEvent, "when">, string>>;

/** MLflow's own limit for a tag is 8,000 characters (5,000 in older servers). */
const MAX_TAG = 4_900;

/** Adds an event to the model's history, as a run of its own: now, by the current user. */
export async function recordEvent(
  client: MlflowClient,
  modelName: string,
  event: Omit<HistoryEvent, "when" | "who">,
): Promise<void> {
  const known = { ...event, who: whoAmI() };
  const tags: Record<string, string> = {};
  for (const [key, tag] of Object.entries(TAGS)) {
    const value = known[key as keyof typeof known];
    if (value !== undefined) tags[tag] = value.slice(0, MAX_TAG);
  }
  const experiment = await openHistory(client, modelName);
  const arrow = [event.from, event.to].filter((end) => end !== undefined).join(" to ");
  const [last] = await newestMoves(client, experiment, 10);
  const run = await createRun(
    client,
    experiment,
    `${event.kind} ${arrow}`,
    { ...tags, "mlflow.user": known.who },
    momentAfter(last?.when, Date.now()),
  );
  if (MOVES.includes(event.kind) && event.from !== event.to && (await isRepeated(client, experiment, run.runId)))
    return deleteRun(client, run.runId);
  await endRun(client, run.runId, event.kind === "refusal" || event.kind === "failure" ? "FAILED" : "FINISHED");
}

/** Whether another update has just recorded the same move: two updates of one environment may run concurrently. */
async function isRepeated(client: MlflowClient, experiment: string, runId: string): Promise<boolean> {
  const moves = await newestMoves(client, experiment, 10);
  const own = moves.findIndex((move) => move.runId === runId);
  const [move, before] = [moves[own], moves[own + 1]];
  // With other files it is not the same move: its event was edited.
  return !!move && !!before && before.to === move.to && before.modelSha256 === move.modelSha256;
}

/** The model's history, oldest first; empty when nothing has happened. That of a deleted experiment counts until it is restored. */
export async function readHistory(client: MlflowClient, modelName: string): Promise<HistoryEvent[]> {
  return (await readWholeHistory(client, modelName)).events;
}

export interface WholeHistory {
  readonly events: HistoryEvent[];
  /** The experiment was deleted in MLflow; the next update of production restores it. */
  readonly isDeleted: boolean;
  /** The experiment's current name, if it was renamed in MLflow. */
  readonly renamedTo?: string | undefined;
}

export async function readWholeHistory(client: MlflowClient, modelName: string): Promise<WholeHistory> {
  const experiment = await findHistory(client, modelName);
  const events: HistoryEvent[] = [];
  if (!experiment) return { events, isDeleted: false };
  let page: string | undefined;
  do {
    const found = await searchEvents(client, experiment.id, { isDeleted: experiment.isDeleted, page });
    for (const { runId: _, ...event } of found.events) events.push(event);
    page = found.next;
  } while (page);
  return { events, isDeleted: experiment.isDeleted, renamedTo: experiment.renamedTo };
}

/**
 * The last event that changed what is in production; undefined when none did.
 * @param find the history's experiment, for a caller that knows a shorter way
 */
export async function lastMove(
  client: MlflowClient,
  modelName: string,
  find = () => findHistory(client, modelName),
): Promise<HistoryEvent | undefined> {
  return oneEvent(client, find, { newestFirst: true });
}

/** The last event that tells which version callers reach; undefined when there is none. */
export const lastReached = (client: MlflowClient, modelName: string): Promise<HistoryEvent | undefined> =>
  oneEvent(client, () => findHistory(client, modelName), { among: REACHED, newestFirst: true });

/**
 * The first and the last move to a version; undefined where there is none.
 * @param modelSha256 the last move with these files; one with others, such as an event that was edited by hand, is not counted
 */
export async function movesTo(client: MlflowClient, modelName: string, version: string, modelSha256?: string) {
  const find = () => findHistory(client, modelName);
  const [first, last] = await Promise.all([
    oneEvent(client, find, { to: version }),
    oneEvent(client, find, { to: version, modelSha256, newestFirst: true }),
  ]);
  return { first, last };
}

/** @param search among the moves by default */
async function oneEvent(
  client: MlflowClient,
  find: () => ReturnType<typeof findHistory>,
  search: Search,
): Promise<HistoryEvent | undefined> {
  const experiment = await find();
  if (!experiment) return undefined;
  const { isDeleted } = experiment;
  let page: string | undefined;
  do {
    // The experiment may hold runs that are not events: the first page may have none.
    const found = await searchEvents(client, experiment.id, { among: MOVES, ...search, isDeleted, most: 10, page });
    if (found.events[0]) return found.events[0];
    page = found.next;
  } while (page);
  return undefined;
}

const newestMoves = async (client: MlflowClient, experiment: string, most: number): Promise<RecordedEvent[]> =>
  (await searchEvents(client, experiment, { among: MOVES, newestFirst: true, most })).events;

/** A run of the year 10000 was dated by no clock. As the last move it would stand before all that come, and no date could be after it. */
const DATED = `attributes.start_time < ${Date.UTC(10_000, 0)}`;

const only = (kinds: readonly EventKind[]) =>
  EVENTS.filter((kind) => !kinds.includes(kind)).map((kind) => `tags.\`${TAGS.kind}\` != '${kind}'`);

interface RecordedEvent extends HistoryEvent {
  readonly runId: string;
}

interface Search {
  readonly page?: string | undefined;
  /** Kinds of events. */
  readonly among?: readonly EventKind[];
  readonly newestFirst?: boolean;
  /** Version that the event moved to. */
  readonly to?: string;
  /** Digest of the files that the event records. */
  readonly modelSha256?: string | undefined;
  /** Number of events. */
  readonly most?: number;
  /** Whether the experiment is deleted: its runs are then deleted with it, and only a search for all of them finds them. */
  readonly isDeleted?: boolean;
}

interface RunsAnswer {
  runs?: { info: { run_id: string; start_time: number }; data: { tags?: { key: string; value: string }[] } }[];
  next_page_token?: string;
}

async function searchEvents(
  client: MlflowClient,
  experiment: string,
  { page, among = EVENTS, newestFirst = false, to, modelSha256, most = 1000, isDeleted = false }: Search,
): Promise<{ events: RecordedEvent[]; next: string | undefined }> {
  const filters = [
    DATED,
    ...only(among),
    ...(to === undefined ? [] : [`tags.\`${TAGS.to}\` = ${quoted(to)}`]),
    ...(modelSha256 === undefined ? [] : [`tags.\`${TAGS.modelSha256}\` = ${quoted(modelSha256)}`]),
  ];
  const body = {
    experiment_ids: [experiment],
    order_by: [`attributes.start_time ${newestFirst ? "DESC" : "ASC"}`],
    max_results: most,
    filter: filters.join(" AND "),
    page_token: page,
    ...(isDeleted && { run_view_type: "ALL" }),
  };
  const answer: RunsAnswer = await client.call("POST", "mlflow/runs/search", { body, repeatable: true });
  const events = (answer.runs ?? []).flatMap(({ info, data }) => {
    const event = toEvent(info.start_time, new Map((data.tags ?? []).map(({ key, value }) => [key, value])));
    return event ? [{ ...event, runId: info.run_id }] : [];
  });
  return { events, next: answer.next_page_token || undefined };
}

/** Undefined for a run in the experiment that is not an event. */
function toEvent(startTime: number, tags: ReadonlyMap<string, string>): HistoryEvent | undefined {
  const found: Record<string, string> = {};
  for (const [key, tag] of Object.entries(TAGS)) {
    const value = tags.get(tag);
    if (value !== undefined) found[key] = key === "why" ? printableLines(value) : printable(value);
  }
  if (!EVENTS.includes(found.kind as EventKind)) return undefined;
  return { who: "unknown", why: "", ...found, when: new Date(Number(startTime)).toISOString() } as HistoryEvent;
}
