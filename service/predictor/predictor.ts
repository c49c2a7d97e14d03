import type { InferenceSession, OnnxValue } from "onnxruntime-node";
import { PredictorError } from "./errors.ts";
import { fillInput, findInputs, type ModelInput } from "./inputs.ts";
import { readMlmodel } from "./mlmodel.ts";
import { NativeSession } from "./native-session.ts";
import { findOutputs, type OutputNames, readLabels, readProbabilities, readValues, type Values } from "./outputs.ts";
import { isInputType, type PlainTensor } from "./plain-tensor.ts";
import { readOnnx } from "./read-onnx.ts";
import { type OutputShape, RunBuffers } from "./run-buffers.ts";
import type { ModelSignature } from "./signature.ts";

export { NonFiniteAnswerError, PredictorError, RowError } from "./errors.ts";
export type { ModelSignature } from "./signature.ts";

/** Answers of a model. */
export interface Predictions {
  /** A classifier's, one a row; empty for other models. */
  readonly labels: readonly number[] | readonly string[];
  /** rows x classes, row-major; undefined when the model gives none. */
  readonly probabilities?: Float32Array;
  /** Number of probabilities a row; 0 when the model gives none. */
  readonly classes: number;
  /** What a model that is no classifier answers. */
  readonly values?: Values;
}

/** An opened model. The service, the gate and the deployment check run a model through this one, and so agree. */
export interface Predictor {
  readonly signature: ModelSignature;
  /**
   * Runs the model once over all rows.
   * @param features row-major, rows x signature.features; must not change until the answer is there
   * @throws RowError when it cannot answer a row (NonFiniteAnswerError: with NaN or infinity); PredictorError when the model fails
   */
  predict(features: Float32Array, rows: number): Promise<Predictions>;
  /** Frees the model's memory. */
  close(): Promise<void>;
}

/** What a model answers with, in the Open Inference Protocol's words. */
export interface ModelOutput {
  /** In its ONNX graph. */
  readonly name: string;
  readonly role: "label" | "probabilities" | "values";
  readonly datatype: "INT64" | "BYTES" | "FP32" | "FP64";
  /** Dimensions behind the first, which is the number of rows. */
  readonly inner: readonly number[];
}

/** One that also tells what the model itself calls its outputs, for protocols that name them, and that can be had without a promise. */
export interface OnnxModel extends Predictor {
  /** As predict, but at once, and its numbers must be read before the next run: they stand in memory that it uses again. */
  run(features: Float32Array, rows: number): Predictions;
  /** A label and, if there are any, probabilities; or values. */
  readonly outputs: readonly ModelOutput[];
}

const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  // One thread: small models run for microseconds, and handing work to a pool costs more than it saves.
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: "sequential",
  // Only what ends the process: all else is thrown as well, and on stderr the runtime quotes names of the model's file as they are.
  logSeverityLevel: 4,
};

/**
 * Opens the model in a folder that holds an MLmodel file and the ONNX file which that names, and runs it on zeros, so that a model
 * that cannot answer is refused here.
 * @throws PredictorError that says what is wrong with which file
 * @example
 * const predictor = await openPredictor("model");
 * const { labels } = await predictor.predict(Float32Array.of(0.5, -1), 1);
 */
export async function openPredictor(folder: string): Promise<OnnxModel> {
  const { signature, onnxFile } = await readMlmodel(folder);
  let session: NativeSession | undefined;
  try {
    session = new NativeSession(await readOnnx(onnxFile), SESSION_OPTIONS);
    const inputs = findInputs(session.inputs, signature);
    return tryOut(session, signature, inputs, findOutputs(session.outputs));
  } catch (cause) {
    session?.release();
    throw new PredictorError(`${onnxFile}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** Runs of up to so many rows use memory that is kept. */
const KEPT_ROWS = 1024;

/**
 * Learns the shapes of the outputs from answers to one row and to two: what does not answer each row alike is refused here. Whether an answer is finite
 * is not judged: zeros may be no sensible input.
 */
function tryOut(
  session: NativeSession,
  signature: ModelSignature,
  inputs: readonly ModelInput[],
  names: OutputNames,
): OnnxPredictor {
  const roles = Object.entries(names).map(([role, name]) => ({ role: role as ModelOutput["role"], name }));
  const unknown = roles.map(({ name }) => ({ name, inner: [] }));
  const nothingKept = new RunBuffers(0, inputs, unknown);
  const answers = [1, 2].map((rows) => {
    const { feeds, fetches } = nothingKept.prepare(rows);
    const answer = runSession(session, feeds, fetches);
    if (names.label !== undefined) readLabels(names.label, answer[names.label], rows);
    return new Map(roles.map(({ role, name }) => [name, shapeOf(role, name, answer[name], rows)]));
  });
  const shapes: OutputShape[] = [];
  const outputs: ModelOutput[] = [];
  for (const { role, name } of roles) {
    const [one, two] = answers.map((shapes) => shapes.get(name));
    if (!one || one.inner.join() !== two?.inner.join())
      throw new PredictorError(`output ${name} has shape [1,${one?.inner}] for one row, and [2,${two?.inner}] for two`);
    const { type, inner } = one;
    shapes.push({ name, inner, type: isInputType(type) && isAsDeclared(session, name, inner) ? type : undefined });
    outputs.push({ role, name, inner: role === "label" ? [] : inner, datatype: datatypeOf(role, type) });
  }
  return new OnnxPredictor(session, signature, inputs, names, outputs, new RunBuffers(KEPT_ROWS, inputs, shapes));
}

/** Type and dimensions behind the rows. Throws PredictorError when it is not [rows] or [rows, n], n being at least 1. */
function shapeOf(role: ModelOutput["role"], name: string, value: OnnxValue | undefined, rows: number) {
  if (!value || !("dims" in value)) throw new PredictorError(`the model gave no ${name}`);
  const { type, dims } = value;
  const inner = dims.slice(1);
  if (dims[0] !== rows || inner.length > 1 || (role !== "label" && inner[0] === 0))
    throw new PredictorError(
      `output ${name} has shape [${dims}] for ${rows} rows: it must be [${rows}] or [${rows}, n]`,
    );
  return { type, inner };
}

/** skl2onnx declares one value a row for whatever a forest answers; the runtime writes to no memory of another shape than is declared. */
function isAsDeclared({ outputs }: NativeSession, name: string, inner: readonly number[]): boolean {
  const output = outputs.find((output) => output.name === name);
  const declared = output?.isTensor ? output.shape.slice(1) : [];
  return (
    declared.length === inner.length && declared.every((size, at) => typeof size === "string" || size === inner[at])
  );
}

function datatypeOf(role: ModelOutput["role"], type: OnnxValue["type"]): ModelOutput["datatype"] {
  if (role === "label") return type === "string" ? "BYTES" : "INT64";
  return role === "values" && type === "float64" ? "FP64" : "FP32";
}

class OnnxPredictor implements OnnxModel {
  readonly signature: ModelSignature;
  readonly outputs: readonly ModelOutput[];
  readonly #session: NativeSession;
  readonly #inputs: readonly ModelInput[];
  readonly #names: OutputNames;
  readonly #buffers: RunBuffers;

  constructor(
    session: NativeSession,
    signature: ModelSignature,
    inputs: readonly ModelInput[],
    names: OutputNames,
    outputs: readonly ModelOutput[],
    buffers: RunBuffers,
  ) {
    this.#session = session;
    this.signature = signature;
    this.#inputs = inputs;
    this.#names = names;
    this.outputs = outputs;
    this.#buffers = buffers;
  }

  async predict(features: Float32Array, rows: number): Promise<Predictions> {
    const { labels, probabilities, classes, values } = this.run(features, rows);
    return {
      ...{ labels, classes },
      ...(probabilities && { probabilities: probabilities.slice() }),
      ...(values && { values: { ...values, data: values.data.slice() } }),
    };
  }

  run(features: Float32Array, rows: number): Predictions {
    const total = this.signature.features;
    if (rows < 1 || features.length !== rows * total)
      throw new PredictorError(
        `${features.length} numbers are not ${rows} rows of ${total} features, at least one row`,
      );
    const { data, feeds, fetches } = this.#buffers.prepare(rows);
    for (let index = 0; index < data.length; index++)
      fillInput(data[index] as PlainTensor["data"], this.#inputs[index] as ModelInput, features, total);
    const answer = runSession(this.#session, feeds, fetches);
    const { label, probabilities: name, values } = this.#names;
    if (label === undefined)
      return { labels: [], classes: 0, values: readValues(values, fetches[values] ?? answer[values], rows) };
    const labels = readLabels(label, fetches[label] ?? answer[label], rows);
    if (name === undefined) return { labels, classes: 0 };
    const probabilities = readProbabilities(name, fetches[name] ?? answer[name], rows);
    return { labels, probabilities, classes: probabilities.length / rows };
  }

  async close(): Promise<void> {
    this.#session.release();
  }
}

function runSession(
  session: NativeSession,
  feeds: Readonly<Record<string, PlainTensor>>,
  fetches: Readonly<Record<string, PlainTensor | null>>,
): InferenceSession.ReturnType {
  try {
    return session.run(feeds, fetches);
  } catch (cause) {
    throw new PredictorError(`the model failed: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
