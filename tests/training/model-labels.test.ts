import { expect, test } from "vitest";
import type { Field } from "../../data/field.ts";
import type { DataFormat } from "../../data/reader/data-format.ts";
import { denseTable } from "../../data/table.ts";
import { openPredictor, type Predictor } from "../../service/predictor/predictor.ts";
import { fitCandidate, trainerMetrics, withModelFolder } from "../../training/candidate.ts";
import { LabelReader } from "../../training/gate/answers/label-reader.ts";
import { confusionOf } from "../../training/gate/confusion-counts.ts";
import { type EvaluationDetails, evaluate as evaluateAs } from "../../training/gate/evaluation.ts";
import type { BinaryRows } from "../../training/gate/metrics/answered-rows.ts";
import { fieldsFor } from "../../training/gate/model-table.ts";
import { withLabels } from "../../training/model-labels.ts";
import { loadSnapshot, type Snapshot } from "../../training/snapshot.ts";
import { pinnedCsv } from "../fixtures/training/pinned-csv.ts";

/** Two columns that determine the label, except in every ninth row. */
const rows = Array.from({ length: 200 }, (_, row) => {
  const [a, b] = [Math.sin(row) * 2, Math.cos(row * 3)];
  return { a, b, label: Number(a + b > 0 !== (row % 9 === 0)) };
});

async function snapshotPath(names: readonly unknown[]) {
  return pinnedCsv(`a,b,label\n${rows.map(({ a, b, label }) => `${a},${b},${names[label]}\n`).join("")}`);
}

const evaluate = async (predictor: Predictor, snapshot: Snapshot) =>
  (await evaluateAs(predictor, snapshot, "binary")) as BinaryRows & EvaluationDetails;

async function judge(path: string, format?: DataFormat) {
  const environment = { experiment: "e", model: "m", trainingData: path, evaluationData: path };
  const candidate = await fitCandidate({ ...environment, params: { C: 1, maxIterations: 200 }, format });
  return withModelFolder(candidate, "run", async (folder) => {
    const predictor = await openPredictor(folder);
    const evaluation = await evaluate(predictor, await loadSnapshot(path, { format, others: "any" }));
    await predictor.close();
    return { evaluation, trainer: await trainerMetrics(folder, candidate.evaluation) };
  });
}

test.each<[string, unknown[], DataFormat, (number | string)[]]>([
  ["no and yes", ["no", "yes"], { classes: ["no", "yes"], positive: "yes" }, [0, 1]],
  ["yes and no, in that order", ["no", "yes"], { classes: ["yes", "no"], positive: "yes" }, [0, 1]],
  ["1 and 2", [1, 2], { classes: [1, 2], positive: 2 }, [1, 2]],
  ["1 and 2, of which 1 is positive", [2, 1], { classes: [1, 2], positive: 1 }, [1, 2]],
  ["-1 and 1", [-1, 1], { classes: [-1, 1], positive: 1 }, [-1, 1]],
  ["False and True", ["False", "True"], { classes: [false, true], positive: true }, [0, 1]],
  ["0 and 1, of which 0 is positive", [1, 0], { classes: [0, 1], positive: 0 }, [0, 1]],
])("training on the classes %s gives the same results as on 0 and 1", async (_name, names, format, labels) => {
  const plain = await judge(await snapshotPath([0, 1]));
  const { evaluation, trainer } = await judge(await snapshotPath(names), format);
  expect(evaluation.metrics.accuracy).toBe(plain.evaluation.metrics.accuracy);
  expect(evaluation.metrics.accuracy).toBeGreaterThan(0.8);
  expect(confusionOf(evaluation)).toEqual(confusionOf(plain.evaluation));
  expect(evaluation.metrics.roc_auc).toBeCloseTo(plain.evaluation.metrics.roc_auc ?? Number.NaN, 6);
  expect(evaluation.metrics.log_loss).toBeCloseTo(plain.evaluation.metrics.log_loss ?? Number.NaN, 6);
  expect(trainer["trainer.accuracy"]).toBe(evaluation.metrics.accuracy);
  expect([...new Set(evaluation.samples.map((sample) => "label" in sample && sample.label))].sort()).toEqual(labels);
});

test("rejects the classes 0 and x before training", async () => {
  const path = await snapshotPath([0, "x"]);
  await expect(judge(path, { classes: [0, "x"], positive: "x" })).rejects.toThrow(
    "the built-in trainer does not support the classes 0 and x",
  );
  expect(withLabels({ coefficients: Float64Array.of(1), intercept: 2 }, { negative: "a", positive: "b" })).toEqual({
    model: { coefficients: Float64Array.of(1), intercept: 2 },
  });
});

test.each<[DataFormat, string]>([
  [{ classes: ["a", "b", "c"] }, "data.classes lists 3 classes, a, b, c: the built-in trainer fits two classes"],
  [{ label: ["y", "z"] }, "data.label names 2 columns, y, z: the built-in trainer fits two classes"],
])("rejects the unsupported label of %j before reading any data", async (format, message) => {
  await expect(judge("none.csv", format)).rejects.toThrow(message);
});

test.each<
  [
    string,
    { negative: string | number | boolean; positive: string | number | boolean },
    [string | number, 0 | 1 | undefined, 0 | 1][],
  ]
>([
  [
    "texts",
    { negative: "no", positive: "yes" },
    [
      ["yes", 1, 1],
      ["no", 0, 1],
      [1, 1, 1],
      [0, 0, 1],
    ],
  ],
  [
    "texts of which the positive one sorts first",
    { negative: "good", positive: "bad" },
    [
      ["bad", 1, 0],
      ["good", 0, 0],
      [1, 1, 1],
    ],
  ],
  [
    "numbers",
    { negative: 9, positive: 10 },
    [
      [10, 1, 1],
      [9, 0, 1],
    ],
  ],
  [
    "numbers as texts",
    { negative: "9", positive: "10" },
    [
      ["10", 1, 0],
      ["9", 0, 0],
      [10, 1, 1],
    ],
  ],
  [
    "numbers that include 1",
    { negative: 1, positive: 2 },
    [
      [1, 0, 1],
      [2, 1, 1],
      [0, undefined, 1],
    ],
  ],
  [
    "booleans",
    { negative: true, positive: false },
    [
      ["False", 1, 0],
      ["True", 0, 0],
      [0, 1, 0],
      [1, 0, 0],
    ],
  ],
])("maps labels and finds the positive class's probability column for %s", (_name, classes, labels) => {
  const reader = new LabelReader(classes);
  for (const [label, meaning, column] of labels) {
    expect([label, reader.read(label)]).toEqual([label, meaning]);
    if (meaning !== undefined) expect([label, reader.positiveColumn(label)]).toEqual([label, column]);
  }
});

test("takes the positive class's probability from a model that names its classes", async () => {
  const inputs: Field[] = [{ name: "a", type: "float32", nullable: false }];
  const predictor: Predictor = {
    signature: { inputs, isNamed: true },
    predict: async () => ({
      kind: "classes",
      classes: ["bad", "good"],
      named: 2,
      codes: Int32Array.of(0, 1),
      scores: { data: Float32Array.of(0.75, 0.25, 0.125, 0.875), width: 2, areProbabilities: true },
    }),
    close: async () => {},
  };
  const table = denseTable(inputs, Float32Array.of(1, 2), 2);
  const evaluateWith = async (classes?: { negative: string; positive: string }) => {
    const names = classes ? [classes.negative, classes.positive] : [0, 1];
    const snapshot: Snapshot = {
      path: "data.csv",
      md5: "m",
      rows: 2,
      table,
      unfit: new Map(),
      truth: { kind: "classes", classes: names, codes: Int32Array.of(0, 1) },
      ...(classes && { format: { classes: names, positive: classes.positive } }),
    };
    return (await evaluateAs(predictor, snapshot, "binary")) as BinaryRows & EvaluationDetails;
  };
  const found = await evaluateWith({ negative: "good", positive: "bad" });
  expect([...found.predicted]).toEqual([1, 0]);
  expect([...(found.positive ?? [])]).toEqual([0.75, 0.125]);
  // The deployed service will return the model's own labels.
  expect(found.samples).toEqual([
    { features: [1], label: "bad", positive: 0.25 },
    { features: [2], label: "good", positive: 0.875 },
  ]);
  await expect(evaluateWith({ negative: "a", positive: "b" })).rejects.toThrow(
    "the model labels row 0 as bad, but the snapshot's labels are a and b, or 0 and 1",
  );
  await expect(evaluateWith()).rejects.toThrow(
    "the snapshot's labels are 0 and 1. Name other classes with data.classes",
  );
});

test("evaluates a model on the columns that it takes, whatever the other columns contain", async () => {
  const path = await pinnedCsv(
    `id,a,note,b,label\n${rows.map(({ a, b, label }, row) => `C${row},${a},,${b},${label}\n`).join("")}`,
  );
  const plain = await snapshotPath([0, 1]);
  const environment = { experiment: "e", model: "m", trainingData: plain, evaluationData: plain };
  const candidate = await fitCandidate({ ...environment, params: { C: 1, maxIterations: 200 } });
  await withModelFolder(candidate, "run", async (folder) => {
    const predictor = await openPredictor(folder);
    const [whole, same] = [await loadSnapshot(path, { others: "any" }), await loadSnapshot(plain)];
    expect([...whole.unfit.keys()]).toEqual(["id", "note"]);
    expect((await evaluate(predictor, whole)).metrics).toEqual((await evaluate(predictor, same)).metrics);
    const broken = await pinnedCsv("a,b,label\n1,2,0\n1,x,1\n");
    await expect(loadSnapshot(broken, { others: "any", fields: fieldsFor(predictor.signature) })).rejects.toThrow(
      'data.csv:3: column b must be a finite number, got "x"',
    );
    await predictor.close();
  });
  await expect(
    fitCandidate({ ...environment, trainingData: path, params: { C: 1, maxIterations: 200 } }),
  ).rejects.toThrow(
    'data.csv:2: column id must be a finite number, got "C0". If the model does not take the column, drop it with data.ignore',
  );
});
