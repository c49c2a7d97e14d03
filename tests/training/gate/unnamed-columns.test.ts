import { expect, onTestFinished, test } from "vitest";
import type { ClassName } from "../../../data/prediction.ts";
import { openPredictor } from "../../../service/predictor/predictor.ts";
import { evaluate } from "../../../training/gate/evaluation.ts";
import { evaluationData } from "../../../training/gate/evaluation-data.ts";
import type { Task } from "../../../training/gate/metrics/answered-rows.ts";
import { parsePolicy } from "../../../training/gate/policy.ts";
import { taskOf } from "../../../training/gate/task-of.ts";
import { pinnedCsv } from "../../fixtures/training/pinned-csv.ts";
import { classifier, encoder, gather, int64s, lookupModel } from "../../service/helpers/lookup-model.ts";

type Model = Parameters<typeof lookupModel>[0];

/** Evaluates a model on rows in which value x has the x-th of these labels. */
async function judged(model: Model, truth: readonly ClassName[], format: object, task: Task = "binary") {
  const files = await lookupModel(model);
  onTestFinished(() => files[Symbol.asyncDispose]());
  const predictor = await openPredictor(files.folder);
  const rows = Array.from({ length: 60 }, (_, row) => row % truth.length);
  const path = await pinnedCsv(`x,label\n${rows.map((x) => `${x},${truth[x]}\n`).join("")}`);
  const evaluated = { predictor, task };
  const data = await evaluationData({ path, format, policy: parsePolicy({ accuracy: { min: 0 } }, "test") }, evaluated);
  return (await evaluate(predictor, data, task)).metrics;
}

const TWO = [
  [0.9, 0.1],
  [0.2, 0.8],
];
const swapped = TWO.map((row) => row.toReversed());
const CHURN = { classes: ["stay", "churn"], positive: "churn" };
const REFUSAL = /metadata=\{"prediction": \{"classes": \[…\]\}\}/;
const of = (...classes: readonly number[]): Pick<Model, "labels" | "initializer"> => ({
  labels: "int64",
  initializer: [int64s("classes", ...classes)],
});

test("codes that a LabelEncoder translates are mapped to their classes", async () => {
  for (const nodes of [
    [encoder("best", "churn", "stay")],
    // As onnxmltools exports XGBoost.
    [classifier(0, 1), encoder("code", "churn", "stay")],
  ])
    expect(await judged({ table: TWO, nodes, labels: "string" }, ["churn", "stay"], CHURN)).toMatchObject({
      accuracy: 1,
      roc_auc: 1,
    });
});

test.each([
  [1, 2],
  [-1, 0],
  [5, 6],
  [2, 1],
])("maps the labels %d and %d of the largest score to their classes", async (first, second) => {
  const model: Model = { table: TWO, nodes: [gather("classes", "best")], ...of(first, second) };
  const format = { classes: [first, second], positive: first };
  expect(await judged(model, [first, second], format)).toMatchObject({ accuracy: 1, roc_auc: 1 });
});

test("rejects columns in another order than their labels, however the labels are chosen", async () => {
  const texts: Model = { table: swapped, nodes: [encoder("x", "churn", "stay")], labels: "string" };
  await expect(judged(texts, ["churn", "stay"], CHURN)).rejects.toThrow(REFUSAL);
  const numbers: Model = { table: swapped, nodes: [gather("classes", "x")], ...of(1, 2) };
  await expect(judged(numbers, [1, 2], { classes: [1, 2], positive: 2 })).rejects.toThrow(REFUSAL);
  const three: Model = {
    table: [
      [0.1, 0.8, 0.1],
      [0.1, 0.1, 0.8],
      [0.8, 0.1, 0.1],
    ],
    nodes: [gather("classes", "x")],
    ...of(1, 2, 3),
  };
  await expect(judged(three, [1, 2, 3], { classes: [1, 2, 3] }, "multiclass")).rejects.toThrow(REFUSAL);
  const named = { ...numbers, prediction: { classes: [2, 1] } };
  expect(await judged(named, [1, 2], { classes: [1, 2], positive: 2 })).toMatchObject({ accuracy: 1, roc_auc: 1 });
});

test("rejects columns that are reversed after the largest score is chosen", async () => {
  const largest = {
    opType: "ArgMax",
    input: ["raw"],
    output: ["place"],
    attribute: [
      { name: "axis", type: 2, i: 1 },
      { name: "keepdims", type: 2, i: 0 },
    ],
  };
  const raw = { name: "right", dims: [2, 2], dataType: 1, floatData: TWO.flat() };
  const { labels, initializer = [] } = of(1, 2);
  const nodes = [gather("right", "x", "raw"), largest, gather("classes", "place")];
  const model = (table: number[][]): Model => ({ table, nodes, labels, initializer: [...initializer, raw] });
  const format = { classes: [1, 2], positive: 2 };
  expect(await judged(model(TWO), [1, 2], format)).toMatchObject({ accuracy: 1, roc_auc: 1 });
  await expect(judged(model(swapped), [1, 2], format)).rejects.toThrow(REFUSAL);
});

test("a label by threshold does not indicate another order", async () => {
  const table = [0.02, 0.04, 0.15, 0.3].map((one) => [1 - one, one]);
  const model: Model = { table, nodes: [gather("classes", "x")], ...of(1, 1, 2, 2), prediction: { classes: [1, 2] } };
  const truth = [1, 1, 2, 2];
  expect(await judged(model, truth, { classes: [1, 2], positive: 2 })).toMatchObject({ accuracy: 1, roc_auc: 1 });
  const coded: Model = { table, nodes: [gather("classes", "x")], ...of(0, 0, 1, 1) };
  expect(await judged(coded, [0, 0, 1, 1], {})).toMatchObject({ accuracy: 1, roc_auc: 1 });
  const wrong = { ...coded, table: table.map((row) => row.toReversed()) };
  await expect(judged(wrong, [0, 0, 1, 1], {})).rejects.toThrow(REFUSAL);
});

/** 10, 20 and 30, without a name anywhere. */
const TENS: Pick<Model, "nodes" | "labels" | "initializer"> = {
  nodes: [
    { opType: "Add", input: ["best", "one"], output: ["next"] },
    { opType: "Mul", input: ["next", "ten"], output: ["label"] },
  ],
  labels: "int64",
  initializer: [int64s("one", 1), int64s("ten", 10)],
};
const THREE = [
  [0.7, 0.2, 0.1],
  [0.2, 0.6, 0.2],
  [0.1, 0.2, 0.7],
];

test("unnamed integer labels use the labels that the graph assigns to its columns", async () => {
  const files = await lookupModel({ table: THREE, ...TENS });
  onTestFinished(() => files[Symbol.asyncDispose]());
  expect(taskOf(await openPredictor(files.folder), undefined)).toBe("multiclass");
  expect(await judged({ table: THREE, ...TENS }, [10, 20, 30], {}, "multiclass")).toMatchObject({
    accuracy: 1,
    roc_auc_ovr: 1,
  });
  // Labels that do not depend on the scores reveal nothing about the columns.
  const ofInput = {
    ...TENS,
    nodes: [{ opType: "Add", input: ["x", "one"], output: ["next"] }, ...TENS.nodes.slice(1)],
  };
  await expect(judged({ table: THREE, ...ofInput }, [10, 20, 30], {}, "multiclass")).rejects.toThrow(REFUSAL);
});
