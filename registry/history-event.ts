import type { PromotionEvidence } from "./promotion-evidence.ts";

export const EVENTS = [
  "promotion",
  "rollback",
  "override",
  "refusal",
  "failure",
  "withdrawal",
  "removal",
  "attempt",
  "return",
] as const;

/**
 * What happened to production. `override`: a promotion that the guard refused and a person answered for; `failure`: a version that
 * the guard let pass could not be verified as it ran; `attempt`: an update began to lead callers to a version; `return`: after an update that failed or
 * was cut off, callers were led back to the version in production.
 */
export type EventKind = (typeof EVENTS)[number];

/** After these events, another version or none is in production. */
export const MOVES: readonly EventKind[] = ["promotion", "rollback", "override", "removal"];

/** These events tell which version callers reach, or may reach. */
export const REACHED: readonly EventKind[] = [...MOVES, "failure", "attempt", "return"];

export interface HistoryEvent extends PromotionEvidence {
  readonly kind: EventKind;
  /** ISO 8601, UTC. */
  readonly when: string;
  readonly who: string;
  /** Version that was in production before; undefined when there was none. */
  readonly from?: string;
  /** Version that was in production afterwards, or that was attempted, refused, failed or withdrawn; undefined for a removal. */
  readonly to?: string;
  /** A failure's may have several lines. */
  readonly why: string;
}

/**
 * The events that changed what is in production, in order. A second event to the same version changed nothing: two concurrent updates both
 * recorded it, or an override was renewed.
 */
export function movesAmong(events: readonly HistoryEvent[]): HistoryEvent[] {
  const moves = events.filter(({ kind }) => MOVES.includes(kind));
  return moves.filter(({ to }, index) => index === 0 || to !== moves[index - 1]?.to);
}

/** The events without attempts whose end is told: the next event says what became of the version. */
export function withoutEnded(events: readonly HistoryEvent[]): HistoryEvent[] {
  const reached = events.filter(({ kind }) => REACHED.includes(kind));
  const ended = reached.filter(({ kind, to }, index) => kind === "attempt" && to === reached[index + 1]?.to);
  return events.filter((event) => !ended.includes(event));
}

/** The attempt that no event follows: its update still runs, or was cut off, and callers may reach the version. */
export function openAttempt(events: readonly HistoryEvent[]): HistoryEvent | undefined {
  const last = events.findLast(({ kind }) => REACHED.includes(kind));
  return last?.kind === "attempt" ? last : undefined;
}

/**
 * The version that was in production before an event: what the last move says, whatever the alias was moved to by hand since. The alias counts where
 * nothing was ever recorded.
 */
export const servedBefore = (last: HistoryEvent | undefined, alias: string | undefined): string | undefined =>
  last ? last.to : alias;

/**
 * Classifies a move by the history: a rollback goes back to a version that came into production before the one that is there now. Version
 * numbers do not tell: version 3 may be promoted before version 2.
 * @param from version in production; undefined when there is none
 * @param entered the first move to each of the two versions; undefined when the history has none
 */
export function moveKind(
  from: string | undefined,
  entered: { readonly from: HistoryEvent | undefined; readonly to: HistoryEvent | undefined },
): "promotion" | "rollback" {
  if (from === undefined || !entered.to) return "promotion";
  return !entered.from || entered.to.when < entered.from.when ? "rollback" : "promotion";
}

/**
 * Moments of events: the history is read in their order, and must not turn round because a clock was set back.
 * @param last ISO 8601; undefined for the first
 * @param now milliseconds since 1970
 * @returns milliseconds since 1970
 */
export const momentAfter = (last: string | undefined, now: number): number =>
  last === undefined ? now : Math.max(now, Date.parse(last) + 1);

/**
 * The event that put into production what was there at a moment; undefined when nothing was.
 * @param events oldest first
 * @param at ISO 8601, UTC
 */
export function inProductionAt(events: readonly HistoryEvent[], at: string): HistoryEvent | undefined {
  const last = movesAmong(events).findLast(({ when }) => when <= at);
  return last?.to === undefined ? undefined : last;
}
