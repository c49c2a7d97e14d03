// Runs one measurement of gate-judging.ts in its own process: `node bench/gate-process.ts gate <snapshot>`.
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { sliceRows } from "../data/table.ts";
import { openPredictor } from "../service/predictor/predictor.ts";
import { POLICY } from "../tests/training/gate/mutants/policy.ts";
import { checkModel, type Evidence } from "../training/gate/check-model.ts";
import { evaluationData } from "../training/gate/evaluation-data.ts";
import { fieldsFor } from "../training/gate/model-table.ts";
import type { Policy } from "../training/gate/policy.ts";
import { buildReport } from "../training/gate/report.ts";
import type { CandidateModel } from "../training/gate/run-checks.ts";
import { decide } from "../training/gate/verdict.ts";
import { type LabelledNumbers, labelledNumbers } from "../training/labelled-numbers.ts";
import { fitLogisticRegression } from "../training/logistic-regression.ts";
import { modelFiles } from "../training/mlmodel.ts";
import { toOnnx } from "../training/onnx-model.ts";
import { ownPredictions } from "../training/own-predictions.ts";
import { loadSnapshot } from "../training/snapshot.ts";

const CHURN = "models/churn/data";
const MIXED = "bench/service/mixed";
const BATCH = 8_192;

/** Every metric of the gate, with bounds that cannot fail: the million rows differ from the data that the model was fitted to. */
const METRICS: Policy = {
  accuracy: { min: 0 },
  performance: { balancedAccuracy: { min: 0 }, rocAuc: { min: 0 }, prAuc: { min: 0 }, logLoss: { max: 1e9 } },
};

async function writeModel(
  folder: string,
  training: LabelledNumbers,
  rows: number,
): Promise<ReturnType<typeof fitLogisticRegression>> {
  const width = training.columns.length;
  const [features, labels] = [training.features.slice(0, rows * width), training.labels.slice(0, rows)];
  const fitted = fitLogisticRegression(features, labels, { C: 1, maxIterations: 200 });
  const { columns } = training;
  const files = modelFiles({ onnx: toOnnx(fitted), columns, example: [[...columns].map(() => 0)], runId: "run" });
  await mkdir(folder);
  for (const [path, content] of files) await writeFile(join(folder, path), content);
  return fitted;
}

const load = async (path: string) => labelledNumbers(await loadSnapshot(path));
/** Reads the snapshot as the gate does, with the types of the model's signature. */
const loadFor = (model: CandidateModel | undefined, path: string) =>
  loadSnapshot(path, { others: "any", ...(model && { fields: fieldsFor(model.predictor.signature) }) });

async function judge(
  folder: string,
  policy: Policy,
  gather: (model: CandidateModel | undefined) => Promise<Evidence>,
): Promise<void> {
  const { gathered: _, ...checkRun } = await checkModel({ folder, policy }, gather);
  const decision = decide(checkRun.checks);
  const version = { name: "m", version: "1", runId: "r" };
  const context = { champion: "none", runtime: "here", decision, judgedAt: new Date() };
  const judged = { version, digest: "d", trustedDigest: "d", policy, ...context };
  const report = JSON.stringify(buildReport({ ...judged, ...checkRun }));
  if (decision.verdict !== "passed") throw new Error(`the gate ${decision.verdict}: ${decision.summary}`);
  if (!report.includes("histogram")) throw new Error("the report has no curves");
}

async function gate400(folder: string): Promise<number> {
  const training = await load(`${CHURN}/train.csv`);
  const fitted = await writeModel(join(folder, "model"), training, 1_600);
  await writeModel(join(folder, "champion"), training, 300);
  const { labels, positive } = ownPredictions(fitted, await load(`${CHURN}/evaluation.csv`));
  const storedPredictions = { kind: "labels", labels: [...labels], positive } as const;
  const loading = await timed(async () => (await openPredictor(join(folder, "model"))).close());
  return (
    (await timed(() =>
      judge(join(folder, "model"), POLICY, async (model) => ({
        snapshot: await loadFor(model, `${CHURN}/evaluation.csv`),
        training: await loadFor(model, `${CHURN}/train.csv`),
        reference: await loadFor(model, `${CHURN}/reference.csv`),
        champion: { version: "1", sha256: "c", folder: join(folder, "champion") },
        storedPredictions,
      })),
    )) - loading
  );
}

/** Reading, every metric and the report. */
async function gate(folder: string, path: string): Promise<number> {
  const model = await modelFor(path, folder);
  return timed(() =>
    judge(model, METRICS, async (opened) => ({ snapshot: await evaluationData({ path, policy: METRICS }, opened) })),
  );
}

/** Only reading and predicting. */
async function floor(folder: string, path: string): Promise<number> {
  const model = await modelFor(path, folder);
  return timed(async () => {
    const predictor = await openPredictor(model);
    const { table, rows } = await loadSnapshot(path, { fields: fieldsFor(predictor.signature), others: "any" });
    for (let start = 0; start < rows; start += BATCH)
      await predictor.predict(sliceRows(table, start, Math.min(BATCH, rows - start)));
    await predictor.close();
  });
}

/** Mixed rows have their own model. */
async function modelFor(path: string, folder: string): Promise<string> {
  const model = join(folder, "model");
  if (basename(path).startsWith("mixed")) await cp(MIXED, model, { recursive: true });
  else await writeModel(model, await load(`${CHURN}/train.csv`), 1_600);
  return model;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const TASKS: Record<string, (folder: string, path: string) => Promise<number>> = { gate400, gate, floor };
const [task = "", path = ""] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), "gate-bench-"));
try {
  const ms = await TASKS[task]?.(folder, path);
  if (ms === undefined) throw new Error(`no task ${task}: ${Object.keys(TASKS).join(", ")}`);
  const { user, system } = process.cpuUsage();
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ ms, peakMiB, cpuMs: (user + system) / 1000 }));
} finally {
  await rm(folder, { recursive: true, force: true });
}
