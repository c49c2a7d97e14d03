import { addConstant, type Model, nodes, writing } from "../graphs.ts";
import { onnx } from "../scene.ts";
import { type LinearModel, storedOf } from "./task-model.ts";
import type { Cell, TaskRows } from "./task-rows.ts";
import type { TaskScene } from "./task-scene.ts";

/** A model that is served as trained, so parity does not apply. */
export const use = (scene: TaskScene, model: LinearModel) => {
  scene.model = model;
  scene.stored = storedOf(scene.task, model, scene.evaluation);
};

export const weights = (
  { weights: all, bias }: LinearModel,
  change: (weight: number, feature: number, output: number) => number,
): LinearModel => ({
  weights: all.map((row, feature) => row.map((weight, output) => change(weight, feature, output))),
  bias: bias.map((weight, output) => change(weight, -1, output)),
});

/** Scales the whole model: probabilities move towards 0 and 1, or towards each other. */
export const scaled = (model: LinearModel, factor: number) => weights(model, (weight) => weight * factor);

/** Removes the effect of features. */
export const blind = (model: LinearModel, ...features: readonly number[]) =>
  weights(model, (weight, feature) => (features.includes(feature) ? 0 : weight));

export const shifted = (model: LinearModel, by: readonly number[]): LinearModel => ({
  ...model,
  bias: model.bias.map((weight, output) => weight + (by[output] ?? 0)),
});

/** Outputs in another order. */
export const reordered = ({ weights: all, bias }: LinearModel, order: readonly number[]): LinearModel => ({
  weights: all.map((row) => order.map((from) => row[from] as number)),
  bias: order.map((from) => bias[from] as number),
});

/** Rounds the weights to float16. */
export const halved = (model: LinearModel) => weights(model, (weight) => Math.f16round(weight * 1.01) / 1.01);

export const withTruth = (
  rows: TaskRows,
  change: (truth: readonly number[], row: number) => readonly number[],
): TaskRows => ({ ...rows, truth: rows.truth.map((truth, row) => change(truth, row)) });

export const withColumn = (rows: TaskRows, name: string, change: (cell: Cell, row: number) => Cell): TaskRows => ({
  ...rows,
  columns: { ...rows.columns, [name]: (rows.columns[name] ?? []).map((cell, row) => change(cell, row)) },
});

export const firstRows = (rows: TaskRows, count: number): TaskRows => ({
  ...rows,
  rows: count,
  truth: rows.truth.slice(0, count),
  columns: Object.fromEntries(Object.entries(rows.columns).map(([name, cells]) => [name, cells.slice(0, count)])),
});

/** Replaces the first evaluation rows with the first training rows. */
export const leaked = ({ evaluation, training }: TaskScene, count: number): TaskRows => ({
  ...evaluation,
  columns: Object.fromEntries(
    Object.entries(evaluation.columns).map(([name, cells]) => [
      name,
      [...(training.columns[name] ?? []).slice(0, count), ...cells.slice(count)],
    ]),
  ),
});

export const isIn = (rows: TaskRows, row: number, values: Readonly<Record<string, Cell>>) =>
  Object.entries(values).every(([name, value]) => rows.columns[name]?.[row] === value);

/** Adds a node that transforms the original `output`. */
export const behind =
  (
    output: string,
    node: { readonly opType: string; readonly more?: readonly string[] },
    constants: Readonly<Record<string, readonly number[]>> = {},
  ) =>
  (model: Model) => {
    const place = writing(model, output);
    const before = `${output}_before`;
    place.output = (place.output ?? []).map((name) => (name === output ? before : name));
    for (const [name, values] of Object.entries(constants)) addConstant(model, name, [values.length], [...values]);
    const { opType, more = [] } = node;
    nodes(model).splice(nodes(model).indexOf(place) + 1, 0, { opType, input: [before, ...more], output: [output] });
  };

/** NaN for rows with a negative feature; nothing else changes. */
export const nanForSome = (model: Model) => {
  addConstant(model, "nothing_of_it", [1], [0]);
  behind("scores", { opType: "Add", more: ["nan_or_zero"] })(model);
  const at = nodes(model).findIndex(({ output }) => output?.includes("scores"));
  nodes(model).splice(
    at,
    0,
    { opType: "Log", input: ["f0"], output: ["log_f0"] },
    { opType: "Mul", input: ["log_f0", "nothing_of_it"], output: ["nan_or_zero"] },
  );
};

/** Number of oscillations of a brittle model per 2 pi in a feature. */
export const WAVES = 400;

/** Adds a wave to the features: the prediction differs a small step away. */
export const brittle = (model: Model) => {
  addConstant(model, "frequency", [1], [WAVES]);
  behind("products", { opType: "Add", more: ["wave"] })(model);
  const at = nodes(model).findIndex(({ output }) => output?.includes("products"));
  nodes(model).splice(
    at,
    0,
    { opType: "Mul", input: ["features", "frequency"], output: ["wide"] },
    { opType: "Sin", input: ["wide"], output: ["waves"] },
    { opType: "MatMul", input: ["waves", "weights"], output: ["wave"] },
  );
};

/** Wastes time between the features and the scores. */
export const slow = (layers: number) => (model: Model) => {
  const width = 512;
  const features = Number(model.graph?.initializer?.find(({ name }) => name === "weights")?.dims?.[0]);
  addConstant(model, "widen", [features, width], new Array(features * width).fill(0));
  addConstant(model, "again", [width, width], new Array(width * width).fill(0));
  addConstant(model, "narrow", [width, features], new Array(width * features).fill(0));
  const at = nodes(model).findIndex(({ output }) => output?.includes("products"));
  nodes(model).splice(
    at,
    0,
    { opType: "MatMul", input: ["features", "widen"], output: ["layer0"] },
    ...Array.from({ length: layers }, (_, layer) => ({
      opType: "MatMul",
      input: [`layer${layer}`, "again"],
      output: [`layer${layer + 1}`],
    })),
    { opType: "MatMul", input: [`layer${layers}`, "narrow"], output: ["nothing"] },
    { opType: "Add", input: ["features", "nothing"], output: ["same"] },
  );
  writing(model, "products").input = ["same", "weights"];
};

/** An operator of the runtime's vendor, which other runtimes lack. */
export const vendorOperator = (model: Model) => {
  model.opsetImport.push({ domain: "com.microsoft", version: 1 });
  nodes(model).push({ opType: "QuickGelu", domain: "com.microsoft", input: ["scores"], output: ["unused"] });
};

/** Reorders the names of the labels, but not the probabilities. */
export const renamedClasses = (model: Model) => {
  const classes = model.graph?.initializer?.find(({ name }) => name === "classes");
  classes?.stringData?.reverse();
};

/** Stores the weights in another file. */
export const externalWeights = (model: Model) => {
  const found = model.graph?.initializer?.find(({ name }) => name === "weights");
  if (!found) throw new Error("the model has no weights");
  found.floatData = [];
  found.dataLocation = onnx.TensorProto.DataLocation.EXTERNAL;
  found.externalData = [{ key: "location", value: "../weights.bin" }];
};
