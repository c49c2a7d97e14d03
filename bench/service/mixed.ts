import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FASTAPI, HONO_ECHO, mixedFastapi, nodeContenders, PEERS } from "./contenders.ts";
import { type Figures, mixedFiguresOf } from "./figures.ts";
import { ensurePeer } from "./peers.ts";
import { type Row, type RunningContender, start } from "./processes.ts";
import { mixedTables } from "./report.ts";
import { CASES_C32, measure } from "./rounds.ts";

/** Files that make.py writes beside itself. */
const FOLDER = join(import.meta.dirname, "mixed");

interface Mixed {
  readonly figures: Figures;
  readonly text: string;
  /** What could not be measured, and why. */
  readonly missing: readonly string[];
}

interface MixedOptions {
  readonly count: number;
  readonly seconds: number;
  /** Whether to measure FastAPI as well. */
  readonly withPeers: boolean;
  readonly log: (line: string) => void;
}

/** Measures a model with typed columns (numbers, booleans, texts) against the echo and FastAPI. */
export async function measureMixed({ withPeers, log, ...rounds }: MixedOptions): Promise<Mixed> {
  const all = JSON.parse(await readFile(join(FOLDER, "rows.json"), "utf8")) as readonly Row[];
  const rows = (count: number) => all.slice(0, count);
  const contenders = nodeContenders(FOLDER).filter(({ name }) => name !== HONO_ECHO);
  const missing: string[] = [];
  const peer = PEERS.find(({ name }) => name === FASTAPI);
  if (withPeers && peer)
    try {
      contenders.push(mixedFastapi(dirname(await ensurePeer(peer.requirements, log)), FOLDER));
    } catch (error) {
      missing.push(
        `${FASTAPI} with the mixed model (${error instanceof Error ? error.message.split("\n")[0] : error})`,
      );
    }
  const running: RunningContender[] = [];
  try {
    for (const contender of contenders) running.push(await start(contender, JSON.stringify({ features: rows(1) })));
    const results = await measure(running, rows, { ...rounds, cases: CASES_C32, log });
    return { figures: mixedFiguresOf(results), text: mixedTables(results, running), missing };
  } finally {
    for (const server of running) await server.stop();
  }
}
