import { type HistoryEvent, movesAmong } from "./history-event.ts";

export interface FormerVersion {
  readonly version: string;
  /** When it last entered production, and when it last left; ISO 8601, UTC. */
  readonly from: string;
  readonly until: string;
  /** False if it last left production by a rollback. */
  readonly wasGood: boolean;
}

/**
 * Returns the versions that were in production before, most recent first, without the current one.
 * @param events oldest first
 */
export function formerVersions(events: readonly HistoryEvent[], current: string | undefined): FormerVersion[] {
  const moves = movesAmong(events);
  const found = new Map<string, FormerVersion>();
  for (const [index, { to, when }] of moves.entries()) {
    const next = moves[index + 1];
    if (to === undefined || next === undefined) continue;
    // Only the version's last time in production counts.
    found.delete(to);
    found.set(to, { version: to, from: when, until: next.when, wasGood: next.kind !== "rollback" });
  }
  return [...found.values()].filter(({ version }) => version !== current).reverse();
}
