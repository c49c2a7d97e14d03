import { ECHO, FASTAPI, FLASK, HONO_ECHO, SERVICE } from "./contenders.ts";
import type { RunningContender } from "./processes.ts";
import { CASES, type Case, type CaseResult, caseName, median, type Results } from "./rounds.ts";

export type Figures = Record<string, number | null>;

type Pick = (result: CaseResult) => number;
const rate: Pick = (result) => result.rate;
const p50: Pick = (result) => result.p50;
const p99: Pick = (result) => result.p99;

/** Median of the ratios within each round, whose measurements share the machine's conditions. Null if one was not measured. */
function ratio(results: Results, to: string, one: Case, mine = rate, theirs = mine): number | null {
  const [ours = [], others = []] = [SERVICE, to].map((name) => results.get(name)?.get(caseName(one)));
  if (ours.length === 0 || others.length !== ours.length) return null;
  return round(median(ours.map((result, index) => mine(result) / theirs(others[index] as CaseResult))));
}

/** Figures of the mixed model. */
export function mixedFiguresOf(results: Results): Figures {
  const [, many, , wide] = CASES as readonly [Case, Case, Case, Case];
  return {
    mixedEchoRatioC32: ratio(results, ECHO, many),
    mixedEchoRatioRows64: ratio(results, ECHO, wide),
    mixedFastapiRatio: ratio(results, FASTAPI, many),
  };
}

/** Computes the promised figures, by name. */
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
    // Below 1: the 99th percentile here is faster than the median there.
    p99OfFastapiP50C32: ratio(results, FASTAPI, many, p99, p50),
    p99OfFastapiP50C128: ratio(results, FASTAPI, most, p99, p50),
    startMs: Math.round(median(startsMs)),
    rssMiB: Math.round(await service.rssMiB()),
  };
}

const round = (value: number) => Number(value.toFixed(3));
