// Measures the built-in training as a whole process, compared with scikit-learn's on the same file: read the CSV, fit, exit. Ours also reads an
// evaluation snapshot, checks both MD5s, writes the ONNX model and runs it; neither side talks to MLflow.
// Importing scikit-learn takes a second or more, which favors ours when rows are few. "…WorkRatio" therefore excludes the start of
// the process and the imports, and compares only reading and fitting (ours with MD5s and the evaluation snapshot, without ONNX).
// Ends with one line of JSON: {"train1600Ratio", "train100kRatio", "train1mRatio", "train1600WorkRatio", ..., ...milliseconds}: median
// ours / median theirs.
import { execFile } from "node:child_process";
import { access, mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { testPython } from "../tests/helpers/python.ts";

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "..");
/** Kept between runs, because generating a million rows takes half a minute. */
const DATA = join(ROOT, "node_modules/.cache/bench-gate");
const SIZES = { train1600: 1_600, train100k: 100_000, train1m: 1_000_000 } as const;
const ROUNDS = 5;

const SCIKIT_LEARN = `
import sys
from time import perf_counter
import pandas as pd
from sklearn.linear_model import LogisticRegression
start = perf_counter()
table = pd.read_csv(sys.argv[1])
model = LogisticRegression(max_iter=200).fit(table.drop(columns="label").to_numpy(), table["label"].to_numpy())
print((perf_counter() - start) * 1000)
`;

const OURS = `
import { fitCandidate, trainerMetrics, withModelFolder } from ${JSON.stringify(join(ROOT, "training/candidate.ts"))};
const [trainingData, evaluationData] = process.argv.slice(1);
const start = performance.now();
const candidate = await fitCandidate({
  experiment: "bench", model: "bench", trainingData, evaluationData, params: { C: 1, maxIterations: 200 },
});
const work = performance.now() - start;
await withModelFolder(candidate, "0".repeat(32), (folder) => trainerMetrics(folder, candidate.evaluation));
console.log(work);
`;

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

interface Timed {
  /** Duration of the process, milliseconds. */
  readonly whole: number;
  /** Its own figure for reading and fitting, milliseconds. */
  readonly work: number;
}

async function timed(command: string, args: string[]): Promise<Timed> {
  const start = performance.now();
  const { stdout } = await run(command, args, { cwd: ROOT });
  return { whole: performance.now() - start, work: Number(stdout) };
}

const describe = ({ whole, work }: Timed) => `${Math.round(whole)} ms (${Math.round(work)} ms of reading and fitting)`;

/** Returns the data set of this size, generated once. */
export async function benchData(python: string, rows: number): Promise<string> {
  const path = join(DATA, `rows-${rows}.csv`);
  const exists = await access(`${path}.dvc`).then(
    () => true,
    () => false,
  );
  if (!exists) {
    await mkdir(DATA, { recursive: true });
    await run(python, [join(ROOT, "bench/make_rows.py"), path, String(rows)]);
  }
  return path;
}

/** Measures the training figures and prints each round. */
export async function trainingFigures(): Promise<Record<string, number>> {
  const python = await testPython((line) => console.log(line));
  const evaluation = join(ROOT, "models/churn/data/evaluation.csv");
  const figures: Record<string, number> = {};
  for (const [name, rows] of Object.entries(SIZES)) {
    const data = await benchData(python, rows);
    const times = { ours: [] as Timed[], theirs: [] as Timed[] };
    for (let round = 0; round <= ROUNDS; round++) {
      const ours = await timed(process.execPath, ["--input-type=module", "-e", OURS, data, evaluation]);
      const theirs = await timed(python, ["-c", SCIKIT_LEARN, data]);
      console.log(`${rows} rows, round ${round}: ours ${describe(ours)}, scikit-learn ${describe(theirs)}`);
      // The first round fills the caches of the file system.
      if (round === 0) continue;
      times.ours.push(ours);
      times.theirs.push(theirs);
    }
    for (const [part, suffix] of [
      ["whole", ""],
      ["work", "Work"],
    ] as const) {
      const [ours, theirs] = [times.ours, times.theirs].map((all) => median(all.map((one) => one[part])));
      figures[`${name}${suffix}Ratio`] = Number(((ours as number) / (theirs as number)).toFixed(3));
      figures[`${name}${suffix}Ms`] = Math.round(ours as number);
      figures[`${name}${suffix}ScikitLearnMs`] = Math.round(theirs as number);
    }
  }
  return figures;
}

if (import.meta.main) console.log(JSON.stringify(await trainingFigures()));
