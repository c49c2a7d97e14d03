import { CORES, type Row, type RunningContender } from "./processes.ts";
import { type LoadResult, load } from "./wrk.ts";

export interface Case {
  readonly connections: number;
  /** Rows per request. */
  readonly rows: number;
  /** How often the case is measured in a round. */
  readonly times: number;
}

export const CASES: readonly Case[] = [
  // Client and server wait for each other here, and the processor sleeps in between, so this case varies most.
  { connections: 1, rows: 1, times: 2 },
  { connections: 32, rows: 1, times: 1 },
  { connections: 128, rows: 1, times: 1 },
  { connections: 32, rows: 64, times: 1 },
];

export const caseName = ({ connections, rows }: Pick<Case, "connections" | "rows">) => `${connections} x ${rows}`;

export interface CaseResult extends LoadResult {
  /** The server's processor time per request, microseconds: a measure of speed that depends little on other load. */
  readonly cpuMicros: number;
}

/** Cases of the mixed model. They also warm up all other cases, because they include everything the others have. */
export const CASES_C32 = CASES.filter(({ connections }) => connections === 32);

/** Results of each round, by contender and case. */
export type Results = Map<string, Map<string, CaseResult[]>>;

export interface Rounds {
  readonly count: number;
  readonly seconds: number;
  readonly cases?: readonly Case[];
  /** Whether a contender is measured in a case. */
  readonly isWanted?: (name: string, one: Case) => boolean;
  readonly log: (line: string) => void;
}

/**
 * Measures every contender in every case, `count` times. Within a round, the contenders of a case run right after each other, so that other
 * load affects all of them alike; only ratios within a round are compared.
 */
export async function measure(
  running: readonly RunningContender[],
  rowsOf: (count: number) => readonly Row[],
  { count, seconds, cases = CASES, isWanted = () => true, log }: Rounds,
): Promise<Results> {
  const results: Results = new Map(running.map(({ name }) => [name, new Map()]));
  // Round 0 warms up: compilers, caches, heaps.
  for (let round = 0; round <= count; round++) {
    for (const one of round === 0 ? CASES_C32 : cases.flatMap((one) => new Array<Case>(one.times).fill(one))) {
      const rates: string[] = [];
      // The order changes each round, because conditions may change between the first and last contender of a case.
      const wanted = running.filter(({ name }) => isWanted(name, one));
      const order = round % 2 === 0 ? wanted : wanted.toReversed();
      for (const contender of order) {
        const rows = rowsOf(one.rows);
        const body = contender.body?.(rows) ?? JSON.stringify({ features: rows });
        const before = await contender.cpuSeconds();
        const loaded = await load({ url: contender.url, body, connections: one.connections, seconds }, CORES);
        const cpuMicros = (((await contender.cpuSeconds()) - before) * 1e6) / loaded.requests;
        const result = { ...loaded, cpuMicros };
        if (result.failed > 0) throw new Error(`${contender.name}, ${caseName(one)}: ${result.failed} requests failed`);
        rates.push(`${contender.name} ${Math.round(result.rate)} (${cpuMicros.toFixed(0)} µs)`);
        if (round === 0) continue;
        const found = results.get(contender.name) ?? new Map<string, CaseResult[]>();
        found.set(caseName(one), [...(found.get(caseName(one)) ?? []), result]);
      }
      log(
        `${round === 0 ? "warm-up" : `round ${round}`}, ${one.connections} connections, ${one.rows} rows: ${rates.join(", ")} requests/s (processor time per request)`,
      );
    }
  }
  return results;
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
};
