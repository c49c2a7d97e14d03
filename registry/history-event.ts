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
 * What happened to production.
 * - `override`: a person took responsibility for a promotion that the guard refused.
 * - `failure`: a version that the guard allowed could not be verified while running.
 * - `attempt`: an update started routing callers to a version.
 * - `return`: callers were routed back to the version in production after a failed or interrupted update.
 */
export type EventKind = (typeof EVENTS)[number];

/** Events that change which version, if any, is in production. */
export const MOVES: readonly EventKind[] = ["promotion", "rollback", "override", "removal"];

/** Events that change which version callers reach, or may reach. */
export const REACHED: readonly EventKind[] = [...MOVES, "failure", "attempt", "return"];

export interface HistoryEvent extends PromotionEvidence {
  readonly kind: EventKind;
  /** ISO 8601, UTC. */
  readonly when: string;
  readonly who: string;
  /** Version in production before; undefined if there was none. */
  readonly from?: string;
  /** Version in production afterwards, or the one that was attempted, refused, failed or withdrawn; undefined for a removal. */
  readonly to?: string;
  /** Reason; has several lines for some failures. */
  readonly why: string;
}

/**
 * Selects the events that changed what is in production, in order. Skips a repeated event to the same version: two concurrent updates both
 * recorded it, or an override was renewed.
 */
export function movesAmong(events: readonly HistoryEvent[]): HistoryEvent[] {
  const moves = events.filter(({ kind }) => MOVES.includes(kind));
  return moves.filter(({ to }, index) => index === 0 || to !== moves[index - 1]?.to);
}

/** Drops completed attempts: those followed by an event that records the outcome for the same version. */
export function withoutEnded(events: readonly HistoryEvent[]): HistoryEvent[] {
  const reached = events.filter(({ kind }) => REACHED.includes(kind));
  const ended = reached.filter(({ kind, to }, index) => kind === "attempt" && to === reached[index + 1]?.to);
  return events.filter((event) => !ended.includes(event));
}

/** Returns the last event that changed which version callers reach, or may reach. */
export const lastReached = (events: readonly HistoryEvent[]): HistoryEvent | undefined =>
  events.findLast(({ kind }) => REACHED.includes(kind));

/** Returns an attempt without an outcome; undefined if there is none. Its update is running or was interrupted, and callers may reach its version. */
export function openAttempt(events: readonly HistoryEvent[]): HistoryEvent | undefined {
  const last = lastReached(events);
  return last?.kind === "attempt" ? last : undefined;
}

/**
 * Returns the version that was in production before an event, according to the last move. A later manual change of the alias does not
 * count. If no move was ever recorded, the alias counts.
 */
export const servedBefore = (last: HistoryEvent | undefined, alias: string | undefined): string | undefined =>
  last ? last.to : alias;

/**
 * Classifies a move by the history: a rollback goes to a version that entered production before the current one. Version numbers cannot
 * decide this, because version 3 may be promoted before version 2.
 * @param from version in production; undefined if there is none
 * @param entered the first move to each of the two versions; undefined if the history has none
 */
export function moveKind(
  from: string | undefined,
  entered: { readonly from: HistoryEvent | undefined; readonly to: HistoryEvent | undefined },
): "promotion" | "rollback" {
  if (from === undefined || !entered.to) return "promotion";
  return !entered.from || entered.to.when < entered.from.when ? "rollback" : "promotion";
}

/**
 * Returns the timestamp for a new event: now, but always after the last event. The history is read in this order, which must not reverse
 * when a clock is set back.
 * @param last ISO 8601; undefined for the first event
 * @param now milliseconds since 1970
 * @returns milliseconds since 1970
 */
export const momentAfter = (last: string | undefined, now: number): number =>
  last === undefined ? now : Math.max(now, Date.parse(last) + 1);

/**
 * Returns the move to the version that was in production at a moment; undefined if nothing was in production.
 * @param events oldest first
 * @param at ISO 8601, UTC
 */
export function inProductionAt(events: readonly HistoryEvent[], at: string): HistoryEvent | undefined {
  const last = movesAmong(events).findLast(({ when }) => when <= at);
  return last?.to === undefined ? undefined : last;
}
