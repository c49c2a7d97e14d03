import { type HistoryEvent, movesAmong } from "./history-event.ts";

export interface FormerVersion {
  readonly version: string;
  /** When it last came into production, and when it last left it; ISO 8601, UTC. */
  readonly from: string;
  readonly until: string;
  /** Whether it was never rolled back from. */
  readonly wasGood: boolean;
}

/**
 * The versions that were in production, the one that left last first. Without the one that is there now.
 * @param events oldest first
 */
export function formerVersions(events: readonly HistoryEvent[], current: string | undefined): FormerVersion[] {
  const moves = movesAmong(events);
  const found = new Map<string, FormerVersion>();
  for (const [index, { to, when }] of moves.entries()) {
    const next = moves[index + 1];
    if (to === undefined || next === undefined) continue;
    // What it did before it came back counts for nothing any more.
    found.delete(to);
    found.set(to, { version: to, from: when, until: next.when, wasGood: next.kind !== "rollback" });
  }
  return [...found.values()].filter(({ version }) => version !== current).reverse();
}
