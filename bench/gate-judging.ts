// Measures the cost of judging.
// - 400 rows: the policy of the mutants' honest scene (every check, including champion and bootstraps), from reading the snapshots to the finished report,
//   without opening the model.
// - 1,000,000 rows, of 10 floats and of the mixed model: reading, every metric and the report, compared with the floor, which only reads the same file and
//   runs the predictor on it.
// - 100,000,000 rows of 10 floats, only with --large.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { testPython } from "../tests/helpers/python.ts";
import { largeData, mixedData } from "./gate-data.ts";
import { benchData } from "./gate-training.ts";

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "..");
const ROUNDS = 3;
const MILLION = 1_000_000;
const LARGE = 100 * MILLION;
/** Columns of the model that is fitted to the churn data. */
const FEATURES = Array.from({ length: 10 }, (_, place) => `f${place}`);

interface Measured {
  readonly ms: number;
  /** Peak of the process's resident memory. */
  readonly peakMiB: number;
  /** Processor time of all threads of the process, including its start: more reliable than elapsed time on a shared machine. */
  readonly cpuMs: number;
}

/** Each measurement runs in its own process, with its own memory and compiled code. */
async function measure(task: "gate400" | "gate" | "floor", data = ""): Promise<Measured> {
  const { stdout } = await run(process.execPath, [join(ROOT, "bench/gate-process.ts"), task, data], { cwd: ROOT });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const describe = ({ ms, cpuMs }: Measured) => `${Math.round(ms)} ms (CPU ${Math.round(cpuMs)} ms)`;

/** Measures a gate and its floor, in alternating rounds. */
async function besideFloor(name: string, data: string) {
  const rounds: { readonly gate: Measured; readonly floor: Measured }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const gate = await measure("gate", data);
    const floor = await measure("floor", data);
    console.log(`${name}, round ${round}: gate ${describe(gate)}, floor ${describe(floor)}`);
    rounds.push({ gate, floor });
  }
  return {
    ratio: Number(median(rounds.map(({ gate, floor }) => gate.ms / floor.ms)).toFixed(3)),
    peakMiB: Math.round(Math.max(...rounds.map(({ gate }) => gate.peakMiB))),
    gateMs: Math.round(median(rounds.map(({ gate }) => gate.ms))),
    floorMs: Math.round(median(rounds.map(({ floor }) => floor.ms))),
  };
}

/** @param withLarge whether to generate and judge 100,000,000 rows, which takes minutes and several GiB of disk */
export async function judgingFigures(withLarge: boolean): Promise<Record<string, number>> {
  const python = await testPython((line) => console.log(line));
  const small: Measured[] = [];
  for (let round = 0; round < ROUNDS; round++) small.push(await measure("gate400"));
  console.log(`gate on 400 rows: ${small.map(describe).join(", ")}`);
  const floats = await besideFloor("a million rows", await benchData(python, MILLION));
  const mixed = await besideFloor("a million mixed rows", await mixedData(MILLION));
  return {
    gate400Ms: Math.round(median(small.map(({ ms }) => ms))),
    gate1mRatio: floats.ratio,
    gate1mPeakMiB: floats.peakMiB,
    gate1mMs: floats.gateMs,
    floor1mMs: floats.floorMs,
    gate1mMixedRatio: mixed.ratio,
    gate1mMixedPeakMiB: mixed.peakMiB,
    gate1mMixedMs: mixed.gateMs,
    floor1mMixedMs: mixed.floorMs,
    ...(withLarge && (await largeFigures())),
  };
}

async function largeFigures() {
  const folder = await mkdtemp(join(tmpdir(), "gate-large-"));
  try {
    const gate = await measure("gate", await largeData(folder, LARGE, FEATURES));
    console.log(`a hundred million rows: gate ${describe(gate)}`);
    return { gate100mPeakMiB: Math.round(gate.peakMiB), gate100mMs: Math.round(gate.ms) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const isLarge = (args: readonly string[]): boolean => args.includes("--large");

if (import.meta.main) console.log(JSON.stringify(await judgingFigures(isLarge(process.argv))));
