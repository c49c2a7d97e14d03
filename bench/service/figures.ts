import { ECHO, FASTAPI, FLASK, HONO_ECHO, SERVICE } from "./contenders.ts";
import type { RunningContender } from "./processes.ts";
import { CASES, type Case, caseName, median, type Results } from "./rounds.ts";

export type Figures = Record<string, number | null>;

/** The median of the ratios of each round: both of a round met the same machine. Null when one of them was not measured. */
export function ratio(results: Results, to: string, one: Case): number | null {
  const [mine = [], others = []] = [SERVICE, to].map((name) => results.get(name)?.get(caseName(one)));
  if (mine.length === 0 || others.length !== mine.length) return null;
  return round(median(mine.map(({ rate }, index) => rate / (others[index]?.rate ?? Number.NaN))));
}

/** The median over the rounds of this service's p99, in the other's p50. Null when one of them was not measured. */
function p99OfP50(results: Results, to: string, one: Case): number | null {
  const [mine = [], others = []] = [SERVICE, to].map((name) => results.get(name)?.get(caseName(one)));
  if (mine.length === 0 || others.length !== mine.length) return null;
  return round(median(mine.map(({ p99 }, index) => p99 / (others[index]?.p50 ?? Number.NaN))));
}

/** The figures that are promised, by name. */
export async function figuresOf(
  results: Results,
  service: RunningContender,
  startsMs: readonly number[],
): Promise<Figures> {
  const [single, many, most, wide] = CASES as readonly [Case, Case, Case, Case];
  return {
    honoRatioC32: ratio(results, HONO_ECHO, many),
    honoRatioC128: ratio(results, HONO_ECHO, most),
    echoRatioC1: ratio(results, ECHO, single),
    echoRatioC32: ratio(results, ECHO, many),
    echoRatioC128: ratio(results, ECHO, most),
    echoRatioRows64: ratio(results, ECHO, wide),
    fastapiRatio: ratio(results, FASTAPI, many),
    flaskRatio: ratio(results, FLASK, many),
    // Below 1: of a hundred requests the slowest but one here is faster than the middle one there.
    p99OfFastapiP50C32: p99OfP50(results, FASTAPI, many),
    p99OfFastapiP50C128: p99OfP50(results, FASTAPI, most),
    startMs: Math.round(median(startsMs)),
    rssMiB: Math.round(await service.rssMiB()),
  };
}

const round = (value: number) => Number(value.toFixed(3));
