import { printable, printableLines } from "../data/printable.ts";
import { EVENTS, type EventKind, type HistoryEvent, MOVES, momentAfter, REACHED } from "./history-event.ts";
import { findHistory, openHistory } from "./history-experiment.ts";
import { type MlflowClient, quoted } from "./mlflow-client.ts";
import { PROMOTION_EVIDENCE_TAGS } from "./promotion-evidence.ts";
import { whoAmI } from "./provenance.ts";
import { createRun, deleteRun, endRun } from "./runs.ts";

const TAGS = {
  kind: "promotion.event",
  who: "promotion.who",
  from: "promotion.from",
  to: "promotion.to",
  why: "promotion.why",
  ...PROMOTION_EVIDENCE_TAGS,
} as const satisfies Readonly<Record<Exclude<keyof HistoryEvent, "when">, string>>;

/** MLflow rejects tags longer than 8,000 characters (5,000 in older servers). */
const MAX_TAG = 4_900;

/** Appends an event to the model's history as a run, with the current time and user. */
export async function recordEvent(
  client: MlflowClient,
  modelName: string,
  event: Omit<HistoryEvent, "when" | "who">,
): Promise<void> {
  const recorded = { ...event, who: whoAmI() };
  const tags: Record<string, string> = {};
  for (const [key, tag] of Object.entries(TAGS)) {
    const value = recorded[key as keyof typeof recorded];
    if (value !== undefined) tags[tag] = value.slice(0, MAX_TAG);
  }
  const experiment = await openHistory(client, modelName);
  const arrow = [event.from, event.to].filter((end) => end !== undefined).join(" to ");
  const [last] = await newestMoves(client, experiment, 10);
  const run = await createRun(
    client,
    experiment,
    `${event.kind} ${arrow}`,
    { ...tags, "mlflow.user": recorded.who },
    momentAfter(last?.when, Date.now()),
  );
  if (MOVES.includes(event.kind) && event.from !== event.to && (await isRepeated(client, experiment, run.runId)))
    return deleteRun(client, run.runId);
  await endRun(client, run.runId, event.kind === "refusal" || event.kind === "failure" ? "FAILED" : "FINISHED");
}

/** Returns whether another update has just recorded the same move, because two updates of one environment may run concurrently. */
async function isRepeated(client: MlflowClient, experiment: string, runId: string): Promise<boolean> {
  const moves = await newestMoves(client, experiment, 10);
  const index = moves.findIndex((move) => move.runId === runId);
  const [move, before] = [moves[index], moves[index + 1]];
  // A move with other files is not the same: its event was edited.
  return !!move && !!before && before.to === move.to && before.modelSha256 === move.modelSha256;
}

/** Reads the model's history, oldest first; empty if nothing has happened. Includes the history of a deleted experiment. */
export async function readHistory(client: MlflowClient, modelName: string): Promise<HistoryEvent[]> {
  return (await readWholeHistory(client, modelName)).events;
}

export interface WholeHistory {
  readonly events: HistoryEvent[];
  /** Whether the experiment was deleted in MLflow; production's next update restores it. */
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
 * Returns the last event that changed what is in production; undefined if there is none.
 * @param find finds the history's experiment; a caller may pass a cheaper way
 */
export async function lastMove(
  client: MlflowClient,
  modelName: string,
  find = () => findHistory(client, modelName),
): Promise<HistoryEvent | undefined> {
  return oneEvent(client, find, { newestFirst: true });
}

/** Returns the last event that changed which version callers reach; undefined if there is none. */
export const lastReached = (client: MlflowClient, modelName: string): Promise<HistoryEvent | undefined> =>
  oneEvent(client, () => findHistory(client, modelName), { among: REACHED, newestFirst: true });

/**
 * Returns the first and the last move to a version; undefined where there is none.
 * @param modelSha256 digest that the last move must have; a move with other files, such as a manually edited event, is ignored
 */
export async function movesTo(client: MlflowClient, modelName: string, version: string, modelSha256?: string) {
  const find = () => findHistory(client, modelName);
  const [first, last] = await Promise.all([
    oneEvent(client, find, { to: version }),
    oneEvent(client, find, { to: version, modelSha256, newestFirst: true }),
  ]);
  return { first, last };
}

/** Returns the first event of a search, which covers moves by default. */
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
    // The experiment may contain runs that are not events, so the first page may have no event.
    const found = await searchEvents(client, experiment.id, { among: MOVES, ...search, isDeleted, limit: 10, page });
    if (found.events[0]) return found.events[0];
    page = found.next;
  } while (page);
  return undefined;
}

const newestMoves = async (client: MlflowClient, experiment: string, limit: number): Promise<RecordedEvent[]> =>
  (await searchEvents(client, experiment, { among: MOVES, newestFirst: true, limit })).events;

/** Excludes runs dated year 10000 or later, which no clock wrote. Such a run would stay the last move forever, and no date could follow it. */
const VALID_DATE = `attributes.start_time < ${Date.UTC(10_000, 0)}`;

const kindFilters = (kinds: readonly EventKind[]) =>
  EVENTS.filter((kind) => !kinds.includes(kind)).map((kind) => `tags.\`${TAGS.kind}\` != '${kind}'`);

interface RecordedEvent extends HistoryEvent {
  readonly runId: string;
}

interface Search {
  readonly page?: string | undefined;
  /** Kinds of events to find. */
  readonly among?: readonly EventKind[];
  readonly newestFirst?: boolean;
  /** Version that the event moved to. */
  readonly to?: string;
  /** Digest of the files that the event records. */
  readonly modelSha256?: string | undefined;
  /** Maximum number of events per page. */
  readonly limit?: number;
  /** Whether the experiment is deleted. Its runs are then deleted as well, and only a search for all runs finds them. */
  readonly isDeleted?: boolean;
}

interface RunsResponse {
  runs?: { info: { run_id: string; start_time: number }; data: { tags?: { key: string; value: string }[] } }[];
  next_page_token?: string;
}

async function searchEvents(
  client: MlflowClient,
  experiment: string,
  { page, among = EVENTS, newestFirst = false, to, modelSha256, limit = 1000, isDeleted = false }: Search,
): Promise<{ events: RecordedEvent[]; next: string | undefined }> {
  const filters = [
    VALID_DATE,
    ...kindFilters(among),
    ...(to === undefined ? [] : [`tags.\`${TAGS.to}\` = ${quoted(to)}`]),
    ...(modelSha256 === undefined ? [] : [`tags.\`${TAGS.modelSha256}\` = ${quoted(modelSha256)}`]),
  ];
  const body = {
    experiment_ids: [experiment],
    order_by: [`attributes.start_time ${newestFirst ? "DESC" : "ASC"}`],
    max_results: limit,
    filter: filters.join(" AND "),
    page_token: page,
    ...(isDeleted && { run_view_type: "ALL" }),
  };
  const response: RunsResponse = await client.call("POST", "mlflow/runs/search", { body, idempotent: true });
  const events = (response.runs ?? []).flatMap(({ info, data }) => {
    const event = toEvent(info.start_time, new Map((data.tags ?? []).map(({ key, value }) => [key, value])));
    return event ? [{ ...event, runId: info.run_id }] : [];
  });
  return { events, next: response.next_page_token || undefined };
}

/** Converts a run's tags to an event; undefined for a run that is not an event. */
function toEvent(startTime: number, tags: ReadonlyMap<string, string>): HistoryEvent | undefined {
  const found: Record<string, string> = {};
  for (const [key, tag] of Object.entries(TAGS)) {
    const value = tags.get(tag);
    if (value !== undefined) found[key] = key === "why" ? printableLines(value) : printable(value);
  }
  if (!EVENTS.includes(found.kind as EventKind)) return undefined;
  return { who: "unknown", why: "", ...found, when: new Date(Number(startTime)).toISOString() } as HistoryEvent;
}
