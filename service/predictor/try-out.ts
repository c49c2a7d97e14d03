import type { InferenceSession, OnnxValue } from "onnxruntime-node";
import { isFloatType } from "../../data/number-array.ts";
import type { ClassName } from "../../data/prediction.ts";
import { PredictorError, RefusedValueError } from "./errors.ts";
import type { GraphFacts } from "./graph-facts.ts";
import type { PredictionHints } from "./hints.ts";
import type { ModelInput } from "./inputs.ts";
import type { NativeSession } from "./native-session.ts";
import { isLongNumber } from "./onnx-values.ts";
import { LABEL_NAMES, type OutputPlan, planOutputs, type SeenOutput } from "./outputs.ts";
import type { Datatype, ModelOutput } from "./predictor.ts";
import { type OutputShape, RunBuffers } from "./run-buffers.ts";
import { isTensorType, type TensorType } from "./tensor.ts";

interface TriedOut {
  readonly plan: OutputPlan;
  readonly outputs: readonly ModelOutput[];
  readonly shapes: readonly OutputShape[];
}

/**
 * Learns the shapes of the outputs from answers to one row and to two: what does not answer each row alike is refused here. Whether an answer is finite
 * is not judged: zeros may be no sensible input.
 * @throws PredictorError
 */
export function tryOut(
  session: NativeSession,
  inputs: readonly ModelInput[],
  facts: GraphFacts,
  hints: PredictionHints,
  hasSigmoid: boolean,
): TriedOut {
  const found = session.outputs.filter(({ isTensor }) => isTensor);
  if (found.length === 0)
    throw new PredictorError(
      `none of the model's outputs is a tensor: ${session.outputs.map(({ name }) => name).join(", ")}`,
    );
  const answers = answersToZeros(session, inputs, found);
  const looks = found.map(({ name }) => (answers ? look(name, answers) : declared(found, name)));
  const seen = looks.filter((one) => typeof one !== "string");
  const plan = planned(
    seen,
    found.map(({ name }) => name),
    looks,
    facts,
    hints,
    hasSigmoid,
  );
  const outputs = outputsOf(plan, seen);
  const shapes = outputs.map(({ name, inner }): OutputShape => {
    const found = seen.find((one) => one.name === name);
    const shape = found?.inner ?? inner;
    // The runtime reads float16 from a Uint16Array, and gives out a Float16Array; and what an input passes on it writes nowhere.
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

/** Undefined for a model that refuses rows of zeros and empty texts, as one may that knows its categories, has a table of other places, or divides by a column. */
function answersToZeros(
  session: NativeSession,
  inputs: readonly ModelInput[],
  outputs: readonly InferenceSession.ValueMetadata[],
): Answers | undefined {
  const nothingKept = new RunBuffers(
    0,
    inputs,
    outputs.map(({ name }) => ({ name, inner: [] })),
  );
  const answer = (rows: number) => {
    const { feeds, fetches } = nothingKept.prepare(rows);
    return session.run(feeds, fetches);
  };
  try {
    return [answer(1), answer(2)];
  } catch (error) {
    if (error instanceof RefusedValueError || inputs.some(({ type }) => type === "string")) return undefined;
    throw error;
  }
}

/** A text says why it does not answer each row. */
function look(name: string, answers: Answers): SeenOutput | string {
  const tensors = answers.map((answer) => tensorIn(answer[name]));
  const isAcross = tensors.every((tensor, index) => tensor?.dims.join() === `1,${index + 1}`);
  for (const [index, tensor] of tensors.entries()) {
    const rows = index + 1;
    if (!tensor) return `the model gave no tensor for its output ${name}`;
    if (!isAcross && (tensor.dims[0] !== rows || tensor.dims.includes(0)))
      return `output ${name} has shape [${tensor.dims}] for ${rows} rows: it must be [${rows}] or [${rows}, n, …]`;
  }
  const [one, two] = tensors;
  if (!one || !two || (!isAcross && one.dims.slice(1).join() !== two.dims.slice(1).join()))
    return `output ${name} has shape [${one?.dims}] for one row, and [${two?.dims}] for two`;
  const { type } = two;
  if (!isTensorType(type)) return `output ${name} is a ${type} tensor, which is not supported`;
  const numbers = isFloatType(type) ? Float64Array.from(two.data as Float32Array) : undefined;
  return { name, type, inner: isAcross ? [] : two.dims.slice(1), isAcross, numbers };
}

const tensorIn = (value: OnnxValue | undefined) => (value && "dims" in value ? value : undefined);

function declared(outputs: readonly InferenceSession.ValueMetadata[], name: string): SeenOutput | string {
  const output = outputs.find((one) => one.name === name);
  if (!output?.isTensor || !isTensorType(output.type)) return `output ${name} is not of a type that is served`;
  const inner = output.shape.slice(1).filter((size) => typeof size === "number");
  if (inner.length !== Math.max(0, output.shape.length - 1))
    return `output ${name} has shape [${output.shape}]: the model refuses rows of zeros, so all dimensions but the first must be declared`;
  return { name, type: output.type, inner };
}

/** An output that cannot be served matters only where it would be the prediction, or is called the label: without it a classifier would seem to answer values. */
function planned(
  seen: readonly SeenOutput[],
  names: readonly string[],
  looks: readonly (SeenOutput | string)[],
  facts: GraphFacts,
  hints: PredictionHints,
  hasSigmoid: boolean,
): OutputPlan {
  const faults = looks.filter((one) => typeof one === "string");
  let plan: OutputPlan;
  try {
    plan = planOutputs(seen, facts, hints, hasSigmoid);
  } catch (error) {
    if (faults.length === 0) throw error;
    throw new PredictorError(faults.join("; "), { cause: error });
  }
  const lost = looks.find((one, index) => typeof one === "string" && LABEL_NAMES.includes(names[index] ?? ""));
  if (lost !== undefined && plan.kind === "values" && hints.task === undefined && hints.output === undefined)
    throw new PredictorError(
      `${lost}. Without it, name the output that is the prediction when the model is logged: metadata={"prediction": {"task": "classification", "output": "…"}}, or "regression"`,
    );
  return plan;
}

/** The answering ones first. */
function outputsOf(plan: OutputPlan, seen: readonly SeenOutput[]): ModelOutput[] {
  const outputs: ModelOutput[] = [];
  if (plan.kind === "values") outputs.push(modelOutput("values", plan.values));
  else {
    const { label, scores, areProbabilities, classes, activation } = plan;
    if (label) outputs.push({ ...modelOutput("label", label), datatype: labelType(label.type, classes) });
    // Before its activation a tensor holds no probabilities.
    const role = scores.length > 1 ? "other" : areProbabilities && !activation ? "probabilities" : "scores";
    for (const one of scores) outputs.push(modelOutput(role, one));
  }
  const answering = outputs.map(({ name }) => name);
  return [...outputs, ...seen.filter(({ name }) => !answering.includes(name)).map((one) => modelOutput("other", one))];
}

const modelOutput = (role: ModelOutput["role"], { name, type, inner }: SeenOutput): ModelOutput => ({
  name,
  role,
  datatype: datatypeOf(type),
  inner,
});

/** Of its classes where they are texts or booleans; all whole numbers are given out as 64 bits. */
function labelType(type: TensorType, classes: readonly ClassName[] = []): Datatype {
  const [first] = classes;
  if (type !== "string" && classes.some(isLongNumber)) return "INT64";
  if (type === "string" || typeof first === "string") return "BYTES";
  if (typeof first === "boolean") return "BOOL";
  return isFloatType(type) ? "FP64" : "INT64";
}

const DATATYPES: Readonly<Record<string, "FP" | "INT" | "UINT">> = { float: "FP", int: "INT", uint: "UINT" };

/** In the Open Inference Protocol's words. */
export function datatypeOf(type: TensorType): Datatype {
  if (type === "string") return "BYTES";
  if (type === "bool") return "BOOL";
  const [, kind = "", bits = ""] = /^([a-z]+)(\d+)$/.exec(type) ?? [];
  return `${DATATYPES[kind]}${bits}` as Datatype;
}

/** skl2onnx declares one value a row for whatever a forest answers, and others one row; the runtime writes to no memory of another shape than is declared. */
function isAsDeclared({ outputs }: NativeSession, name: string, inner: readonly number[]): boolean {
  const output = outputs.find((output) => output.name === name);
  const [rows, ...shape] = output?.isTensor ? output.shape : [];
  return (
    typeof rows === "string" &&
    shape.length === inner.length &&
    shape.every((size, at) => typeof size === "string" || size === inner[at])
  );
}
