import { type HistoryEvent, movesAmong } from "./history.ts";

export interface Candidate {
  readonly version: string;
  /** When it last came into production, and when it last left it; ISO 8601, UTC. */
  readonly from: string;
  readonly until: string;
}

/**
 * The versions that were in production and that nobody rolled back from, the one that left last first. Without the one that is
 * there now.
 * @param events oldest first
 */
export function goodVersions(events: readonly HistoryEvent[], current: string | undefined): Candidate[] {
  const moves = movesAmong(events);
  const found = new Map<string, Candidate & { readonly wasGood: boolean }>();
  for (const [index, { to, when }] of moves.entries()) {
    const next = moves[index + 1];
    if (to === undefined || next === undefined) continue;
    // What it did before it came back counts for nothing any more.
    found.delete(to);
    found.set(to, { version: to, from: when, until: next.when, wasGood: next.kind !== "rollback" });
  }
  return [...found.values()]
    .filter(({ version, wasGood }) => wasGood && version !== current)
    .map(({ version, from, until }) => ({ version, from, until }))
    .reverse();
}
