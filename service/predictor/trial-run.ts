import type { InferenceSession, OnnxValue } from "onnxruntime-node";
import { isFloatType } from "../../data/number-array.ts";
import type { ClassName } from "../../data/prediction.ts";
import { PredictorError, RejectedValueError } from "./errors.ts";
import type { GraphAnalysis } from "./graph-analysis.ts";
import type { PredictionHints } from "./hints.ts";
import type { ModelInput } from "./inputs.ts";
import type { NativeSession } from "./native-session.ts";
import { isLongNumber } from "./onnx-values.ts";
import { LABEL_NAMES, type ObservedOutput, type OutputPlan, planOutputs } from "./outputs.ts";
import type { Datatype, ModelOutput } from "./predictor.ts";
import { type OutputShape, RunBuffers } from "./run-buffers.ts";
import { isTensorType, type TensorType } from "./tensor.ts";

interface TrialResult {
  readonly plan: OutputPlan;
  readonly outputs: readonly ModelOutput[];
  readonly shapes: readonly OutputShape[];
}

/**
 * Determines the outputs' shapes by running one row and two rows of zeros. Rejects a model that does not return one answer per row. Does not check that
 * answers are finite, because zeros may not be a sensible input.
 * @throws PredictorError
 */
export function trialRun(
  session: NativeSession,
  inputs: readonly ModelInput[],
  analysis: GraphAnalysis,
  hints: PredictionHints,
  hasSigmoid: boolean,
): TrialResult {
  const found = session.outputs.filter(({ isTensor }) => isTensor);
  if (found.length === 0)
    throw new PredictorError(
      `none of the model's outputs is a tensor; they are ${session.outputs.map(({ name }) => name).join(", ")}`,
    );
  const answers = answersToZeros(session, inputs, found);
  const observations = found.map(({ name }) => (answers ? observe(name, answers) : declared(found, name)));
  const observed = observations.filter((one) => typeof one !== "string");
  const plan = planned(
    observed,
    found.map(({ name }) => name),
    observations,
    analysis,
    hints,
    hasSigmoid,
  );
  const outputs = outputsOf(plan, observed);
  const shapes = outputs.map(({ name, inner }): OutputShape => {
    const found = observed.find((one) => one.name === name);
    const shape = found?.inner ?? inner;
    // The runtime reads float16 from a Uint16Array but returns a Float16Array. It also does not write an output that is an input passed through.
    const isKept =
      found?.type !== "float16" &&
      !found?.isAcross &&
      !inputs.some((input) => input.name === name) &&
      isAsDeclared(session, name, shape);
    return { name, inner: shape, type: isKept ? found?.type : undefined };
  });
  return { plan, outputs, shapes };
}

type Answers = readonly [one: InferenceSession.ReturnType, two: InferenceSession.ReturnType];

/**
 * Returns the answers to rows of zeros and empty strings. Undefined for a model that rejects them: it accepts only known categories, has a table with other
 * indexes, or divides by a column.
 */
function answersToZeros(
  session: NativeSession,
  inputs: readonly ModelInput[],
  outputs: readonly InferenceSession.ValueMetadata[],
): Answers | undefined {
  const unsharedBuffers = new RunBuffers(
    0,
    inputs,
    outputs.map(({ name }) => ({ name, inner: [] })),
  );
  const answer = (rows: number) => {
    const { feeds, fetches } = unsharedBuffers.prepare(rows);
    return session.run(feeds, fetches);
  };
  try {
    return [answer(1), answer(2)];
  } catch (error) {
    if (error instanceof RejectedValueError || inputs.some(({ type }) => type === "string")) return undefined;
    throw error;
  }
}

/** Returns the output's type and shape, or a message that explains why it does not have one answer per row. */
function observe(name: string, answers: Answers): ObservedOutput | string {
  const tensors = answers.map((answer) => tensorIn(answer[name]));
  const isAcross = tensors.every((tensor, index) => tensor?.dims.join() === `1,${index + 1}`);
  for (const [index, tensor] of tensors.entries()) {
    const rows = index + 1;
    if (!tensor) return `the model returned no tensor for its output ${name}`;
    if (!isAcross && (tensor.dims[0] !== rows || tensor.dims.includes(0)))
      return `output ${name} has shape [${tensor.dims}] for ${rows} rows: it must be [${rows}] or [${rows}, n, …]`;
  }
  const [one, two] = tensors;
  if (!one || !two || (!isAcross && one.dims.slice(1).join() !== two.dims.slice(1).join()))
    return `output ${name} has shape [${one?.dims}] for one row but [${two?.dims}] for two`;
  const { type } = two;
  if (!isTensorType(type)) return `output ${name} is a ${type} tensor, which is not supported`;
  const numbers = isFloatType(type) ? Float64Array.from(two.data as Float32Array) : undefined;
  return { name, type, inner: isAcross ? [] : two.dims.slice(1), isAcross, numbers };
}

const tensorIn = (value: OnnxValue | undefined) => (value && "dims" in value ? value : undefined);

function declared(outputs: readonly InferenceSession.ValueMetadata[], name: string): ObservedOutput | string {
  const output = outputs.find((one) => one.name === name);
  if (!output?.isTensor || !isTensorType(output.type)) return `output ${name} has a type that is not supported`;
  const inner = output.shape.slice(1).filter((size) => typeof size === "number");
  if (inner.length !== Math.max(0, output.shape.length - 1))
    return `output ${name} has shape [${output.shape}]: the model rejects rows of zeros, so all dimensions except the first must be declared`;
  return { name, type: output.type, inner };
}

/**
 * Plans the outputs. An unsupported output is an error only if it might be the prediction or the label: without its label, a classifier would seem to
 * return values.
 */
function planned(
  observed: readonly ObservedOutput[],
  names: readonly string[],
  observations: readonly (ObservedOutput | string)[],
  analysis: GraphAnalysis,
  hints: PredictionHints,
  hasSigmoid: boolean,
): OutputPlan {
  const faults = observations.filter((one) => typeof one === "string");
  let plan: OutputPlan;
  try {
    plan = planOutputs(observed, analysis, hints, hasSigmoid);
  } catch (error) {
    if (faults.length === 0) throw error;
    throw new PredictorError(faults.join("; "), { cause: error });
  }
  const lost = observations.find((one, index) => typeof one === "string" && LABEL_NAMES.includes(names[index] ?? ""));
  if (lost !== undefined && plan.kind === "values" && hints.task === undefined && hints.output === undefined)
    throw new PredictorError(
      `${lost}. To serve the model without it, name the prediction's output when you log the model: metadata={"prediction": {"task": "classification", "output": "…"}}, or "regression"`,
    );
  return plan;
}

/** Returns all outputs, with the prediction's first. */
function outputsOf(plan: OutputPlan, observed: readonly ObservedOutput[]): ModelOutput[] {
  const outputs: ModelOutput[] = [];
  if (plan.kind === "values") outputs.push(modelOutput("values", plan.values));
  else {
    const { label, scores, areProbabilities, classes, activation } = plan;
    if (label) outputs.push({ ...modelOutput("label", label), datatype: labelType(label.type, classes) });
    // A tensor has probabilities only after the activation.
    const role = scores.length > 1 ? "other" : areProbabilities && !activation ? "probabilities" : "scores";
    for (const one of scores) outputs.push(modelOutput(role, one));
  }
  const predicted = outputs.map(({ name }) => name);
  return [
    ...outputs,
    ...observed.filter(({ name }) => !predicted.includes(name)).map((one) => modelOutput("other", one)),
  ];
}

const modelOutput = (role: ModelOutput["role"], { name, type, inner }: ObservedOutput): ModelOutput => ({
  name,
  role,
  datatype: datatypeOf(type),
  inner,
});

/** Returns the datatype of labels: that of the classes if they are strings or booleans. All integers are returned as 64 bits. */
function labelType(type: TensorType, classes: readonly ClassName[] = []): Datatype {
  const [first] = classes;
  if (type !== "string" && classes.some(isLongNumber)) return "INT64";
  if (type === "string" || typeof first === "string") return "BYTES";
  if (typeof first === "boolean") return "BOOL";
  return isFloatType(type) ? "FP64" : "INT64";
}

const DATATYPES: Readonly<Record<string, "FP" | "INT" | "UINT">> = { float: "FP", int: "INT", uint: "UINT" };

/** Returns the Open Inference Protocol's name of a type. */
export function datatypeOf(type: TensorType): Datatype {
  if (type === "string") return "BYTES";
  if (type === "bool") return "BOOL";
  const [, kind = "", bits = ""] = /^([a-z]+)(\d+)$/.exec(type) ?? [];
  return `${DATATYPES[kind]}${bits}` as Datatype;
}

/**
 * Whether the declared shape agrees with the observed one. The runtime writes only to memory of the declared shape, but skl2onnx declares one value per
 * row, or one row, for any output of a forest.
 */
function isAsDeclared({ outputs }: NativeSession, name: string, inner: readonly number[]): boolean {
  const output = outputs.find((output) => output.name === name);
  const [rows, ...shape] = output?.isTensor ? output.shape : [];
  return (
    typeof rows === "string" &&
    shape.length === inner.length &&
    shape.every((size, at) => typeof size === "string" || size === inner[at])
  );
}
