// What judging costs. 400 rows: the whole policy of the mutants' honest scene (every check, champion and bootstraps included),
// from reading the snapshots to the finished report, beyond opening the model. 1,000,000 rows x 10: reading, every metric and the
// report, beside the floor under it: reading the same file and running the raw predictor over it.
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { testPython } from "../tests/helpers/python.ts";
import { benchData } from "./gate-training.ts";

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "..");
const ROUNDS = 3;

interface Measured {
  readonly ms: number;
  /** Peak of the process's resident memory. */
  readonly peakMiB: number;
}

/** Each measurement is a process of its own: memory and compiled code are its own as well. */
async function measure(task: "gate400" | "gate1m" | "floor1m", data = ""): Promise<Measured> {
  const { stdout } = await run(process.execPath, [join(ROOT, "bench/gate-process.ts"), task, data], { cwd: ROOT });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

export async function judgingFigures(): Promise<Record<string, number>> {
  const data = await benchData(await testPython((line) => console.log(line)), 1_000_000);
  const times = { small: [] as number[], gate: [] as number[], floor: [] as number[], ratio: [] as number[] };
  let peakMiB = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const small = await measure("gate400");
    const gate = await measure("gate1m", data);
    const floor = await measure("floor1m", data);
    const told = [small, gate, floor].map(({ ms }) => `${Math.round(ms)} ms`);
    console.log(`round ${round}: gate on 400 rows ${told[0]}, on a million ${told[1]}, floor ${told[2]}`);
    times.small.push(small.ms);
    times.gate.push(gate.ms);
    times.floor.push(floor.ms);
    times.ratio.push(gate.ms / floor.ms);
    peakMiB = Math.max(peakMiB, gate.peakMiB);
  }
  return {
    gate400Ms: Math.round(median(times.small)),
    gate1mRatio: Number(median(times.ratio).toFixed(3)),
    gate1mPeakMiB: Math.round(peakMiB),
    gate1mMs: Math.round(median(times.gate)),
    floor1mMs: Math.round(median(times.floor)),
  };
}

if (import.meta.main) console.log(JSON.stringify(await judgingFigures()));
