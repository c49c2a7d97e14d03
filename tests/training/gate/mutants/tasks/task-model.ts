import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { onnx as Onnx } from "onnx-proto";
import type { StoredPredictions } from "../../../../../training/gate/stored-predictions.ts";
import { onnx } from "../scene.ts";
import { CLASSES, FIELDS, featuresOf, PLANS, TARGETS, type TaskRows } from "./task-rows.ts";

export type ModelTask = "multiclass" | "regression";

/** Weights by feature, a column for each class or target. */
export interface LinearModel {
  readonly weights: readonly (readonly number[])[];
  readonly bias: readonly number[];
}

/** Parts of a scene's model besides its weights. */
export interface ModelParts {
  readonly task: ModelTask;
  readonly model: LinearModel;
  /** Changes the exported graph. */
  readonly graph?: ((model: Onnx.ModelProto) => void) | undefined;
  /** Changes MLmodel. */
  readonly mlmodel?: ((content: ReturnType<typeof mlmodelOf>) => object) | undefined;
}

const { FLOAT, INT32, STRING } = onnx.TensorProto.DataType;
const { AttributeType } = onnx.AttributeProto;
const bytes = (text: string) => new TextEncoder().encode(text);
const MODEL_FIELDS = FIELDS.slice(0, 7);
const SIGNATURE_TYPES: Readonly<Record<string, string>> = { float32: "float", int32: "integer", string: "string" };

const linear = ({ weights, bias }: LinearModel, features: readonly number[]): number[] =>
  bias.map((start, output) =>
    features.reduce((sum, value, feature) => sum + value * (weights[feature]?.[output] ?? 0), start),
  );

/** The model's predictions without rounding: probabilities of the classes, or a value for each target. */
export function answerOf(task: ModelTask, model: LinearModel, features: readonly number[]): number[] {
  const scores = linear(model, features);
  if (task === "regression") return [Math.exp(scores[0] as number), scores[1] as number];
  const odds = scores.map((score) => Math.exp(score - Math.max(...scores)));
  const sum = odds.reduce((total, one) => total + one, 0);
  return odds.map((one) => one / sum);
}

/** The trainer's stored predictions, with every output. */
export function storedOf(task: ModelTask, model: LinearModel, rows: TaskRows): StoredPredictions {
  const answers = Array.from({ length: rows.rows }, (_, row) => answerOf(task, model, featuresOf(rows, row)));
  if (task === "regression")
    return { kind: "values", values: Float64Array.from(answers.flat()), targets: TARGETS.length, names: TARGETS };
  return {
    kind: "labels",
    labels: answers.map((shares) => CLASSES[shares.indexOf(Math.max(...shares))] as string),
    probabilities: new Map(
      CLASSES.map((name, place) => [name, Float64Array.from(answers, (shares) => shares[place] as number)]),
    ),
  };
}

/** The folder of an MLflow model. */
export async function writeTaskModel(folder: string, { task, model, graph, mlmodel }: ModelParts): Promise<string> {
  const proto = onnx.ModelProto.create(graphOf(task, model));
  graph?.(proto);
  await mkdir(folder);
  const content = mlmodelOf(task);
  await writeFile(join(folder, "MLmodel"), JSON.stringify(mlmodel?.(content) ?? content));
  await writeFile(join(folder, "model.onnx"), Uint8Array.from(onnx.ModelProto.encode(proto).finish()));
  return folder;
}

const mlmodelOf = (task: ModelTask) => ({
  flavors: { onnx: { data: "model.onnx" } },
  metadata: { prediction: task === "multiclass" ? { classes: CLASSES } : { task: "regression" } },
  signature: {
    inputs: JSON.stringify(
      MODEL_FIELDS.map(({ name, type, nullable }) => ({ name, type: SIGNATURE_TYPES[type], required: !nullable })),
    ),
    outputs: null,
    params: null,
  },
});

function graphOf(task: ModelTask, { weights, bias }: LinearModel): Onnx.IModelProto {
  const width = bias.length;
  const shared: Onnx.INodeProto[] = [
    { opType: "Cast", input: ["age"], output: ["age_float"], attribute: [int("to", FLOAT)] },
    { opType: "Sub", input: ["age_float", "forty"], output: ["age_from_forty"] },
    { opType: "Div", input: ["age_from_forty", "ten"], output: ["decades"] },
    ...PLANS.map((plan) => indicator("plan", plan, `is_${plan}`)),
    indicator("town", "east end", "is_east_end"),
    {
      opType: "Concat",
      output: ["features"],
      attribute: [int("axis", 1)],
      input: ["f0", "f1", "f2", "f3", "decades", ...PLANS.map((plan) => `is_${plan}`), "is_east_end"],
    },
    { opType: "MatMul", input: ["features", "weights"], output: ["products"] },
    { opType: "Add", input: ["products", "bias"], output: ["scores"] },
  ];
  const isClasses = task === "multiclass";
  return {
    irVersion: 8,
    opsetImport: [
      { domain: "", version: 17 },
      { domain: "ai.onnx.ml", version: 3 },
    ],
    graph: {
      name: task,
      input: MODEL_FIELDS.map(({ name, type }) =>
        tensor(name, type === "string" ? STRING : type === "int32" ? INT32 : FLOAT, ["N", 1]),
      ),
      output: isClasses
        ? [tensor("label", STRING, ["N"]), tensor("probabilities", FLOAT, ["N", width])]
        : [tensor("values", FLOAT, ["N", width])],
      initializer: [
        floats("weights", [weights.length, width], weights.flat()),
        floats("bias", [width], bias),
        floats("forty", [1], [40]),
        floats("ten", [1], [10]),
        { name: "classes", dims: [CLASSES.length], dataType: STRING, stringData: CLASSES.map(bytes) },
      ],
      // A mutant may change them.
      node: [...shared, ...structuredClone(isClasses ? CLASS_NODES : VALUE_NODES)],
    },
  };
}

const int = (name: string, i: number): Onnx.IAttributeProto => ({ name, i, type: AttributeType.INT });

const CLASS_NODES: readonly Onnx.INodeProto[] = [
  { opType: "Softmax", input: ["scores"], output: ["probabilities"], attribute: [int("axis", 1)] },
  { opType: "ArgMax", input: ["scores"], output: ["index"], attribute: [int("axis", 1), int("keepdims", 0)] },
  { opType: "Gather", input: ["classes", "index"], output: ["label"], attribute: [int("axis", 0)] },
];
/** The model learns the logarithm of the price. */
const VALUE_NODES: readonly Onnx.INodeProto[] = [
  { opType: "Split", input: ["scores"], output: ["log_price", "area"], attribute: [int("axis", 1)] },
  { opType: "Exp", input: ["log_price"], output: ["price"] },
  { opType: "Concat", input: ["price", "area"], output: ["values"], attribute: [int("axis", 1)] },
];

/** 1 if a text equals the requested one. */
const indicator = (input: string, text: string, output: string): Onnx.INodeProto => ({
  opType: "LabelEncoder",
  domain: "ai.onnx.ml",
  input: [input],
  output: [output],
  attribute: [
    { name: "keys_strings", type: AttributeType.STRINGS, strings: [bytes(text)] },
    { name: "values_floats", type: AttributeType.FLOATS, floats: [1] },
    { name: "default_float", type: AttributeType.FLOAT, f: 0 },
  ],
});

const floats = (name: string, dims: readonly number[], data: readonly number[]): Onnx.ITensorProto => ({
  name,
  dims: [...dims],
  dataType: FLOAT,
  floatData: [...data],
});

const tensor = (name: string, elemType: number, shape: readonly (string | number)[]): Onnx.IValueInfoProto => ({
  name,
  type: {
    tensorType: {
      elemType,
      shape: { dim: shape.map((size) => (typeof size === "string" ? { dimParam: size } : { dimValue: size })) },
    },
  },
});
