import type { InferenceSession, OnnxValue } from "onnxruntime-node";
import { PredictorError } from "./errors.ts";
import { readMlmodel } from "./mlmodel.ts";
import { NativeSession } from "./native-session.ts";
import { type ClassifierOutputs, findOutputs, type OutputValue, readLabels, readProbabilities } from "./outputs.ts";
import { type InputType, type PlainTensor, plainTensor } from "./plain-tensor.ts";
import { readOnnx } from "./read-onnx.ts";
import { type OutputShape, RunBuffers } from "./run-buffers.ts";
import type { ModelSignature } from "./signature.ts";

export { NonFiniteAnswerError, PredictorError } from "./errors.ts";
export type { ClassifierOutputs } from "./outputs.ts";
export type { ModelSignature } from "./signature.ts";

/** Answers of a classifier. */
export interface Predictions {
  /** One a row. */
  readonly labels: readonly number[];
  /** rows x classes, row-major; undefined when the model gives none. */
  readonly probabilities?: Float32Array;
  /** Number of probabilities a row; 0 when the model gives none. */
  readonly classes: number;
}

/** An opened classifier. The service, the gate and the deployment check run a model through this one, and so agree. */
export interface Predictor {
  readonly signature: ModelSignature;
  /**
   * Runs the model once over all rows.
   * @param features row-major, rows x signature.features; must not change until the answer is there
   * @throws NonFiniteAnswerError when an answer is NaN or infinite; PredictorError when the model fails
   */
  predict(features: Float32Array, rows: number): Promise<Predictions>;
  /** Frees the model's memory. */
  close(): Promise<void>;
}

/** One that also tells what the model itself calls its outputs, for protocols that name them, and that can be had without a promise. */
export interface OnnxClassifier extends Predictor {
  /** As predict, but at once, and the probabilities must be read before the next run: they stand in memory that it uses again. */
  run(features: Float32Array, rows: number): Predictions;
  readonly outputs: ClassifierOutputs;
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
 * Opens the model in a folder that holds an MLmodel file and the ONNX file which that names, and runs it once on zeros, so that a model
 * that cannot answer is refused here.
 * @throws PredictorError that says what is wrong with which file
 * @example
 * const predictor = await openPredictor("model");
 * const { labels } = await predictor.predict(Float32Array.of(0.5, -1), 1);
 */
export async function openPredictor(folder: string): Promise<OnnxClassifier> {
  const { signature, onnxFile } = await readMlmodel(folder);
  let session: NativeSession | undefined;
  try {
    session = new NativeSession(await readOnnx(onnxFile), SESSION_OPTIONS);
    const input = findInput(session.inputs, signature);
    const predictor = new OnnxPredictor(session, signature, input, findOutputs(session.outputs));
    predictor.tryOut();
    return predictor;
  } catch (cause) {
    session?.release();
    throw new PredictorError(`${onnxFile}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

interface Input {
  readonly name: string;
  readonly type: InputType;
}

/** Runs of up to so many rows use memory that is kept. */
const KEPT_ROWS = 1024;

function findInput(inputs: InferenceSession["inputMetadata"], signature: ModelSignature): Input {
  const [input, ...more] = inputs;
  if (!input?.isTensor || more.length > 0)
    throw new PredictorError(
      `the model has ${inputs.length} inputs (${inputs.map(({ name }) => name).join(", ")}): models of one tensor are served`,
    );
  const { name, type, shape } = input;
  if (type !== "float32" && type !== "float64")
    throw new PredictorError(`input ${name} is a ${type} tensor: float32 and float64 are served`);
  const [rows, features] = shape;
  if (shape.length !== 2) throw new PredictorError(`input ${name} has shape [${shape}]: it must be [rows, features]`);
  if (typeof rows === "number")
    throw new PredictorError(
      `input ${name} takes exactly ${rows} rows: export the model with a dynamic first dimension`,
    );
  if (typeof features === "number" && features !== signature.features)
    throw new PredictorError(
      `input ${name} takes ${features} features, but the signature in MLmodel has ${signature.features}`,
    );
  return { name, type };
}

class OnnxPredictor implements OnnxClassifier {
  readonly signature: ModelSignature;
  readonly outputs: ClassifierOutputs;
  readonly #session: NativeSession;
  readonly #input: Input;
  /** Only these are computed. */
  readonly #fetches: Readonly<Record<string, null>>;
  #buffers: RunBuffers | undefined;

  constructor(session: NativeSession, signature: ModelSignature, input: Input, outputs: ClassifierOutputs) {
    this.#session = session;
    this.signature = signature;
    this.#input = input;
    this.outputs = outputs;
    const { label, probabilities } = outputs;
    this.#fetches = probabilities === undefined ? { [label]: null } : { [label]: null, [probabilities]: null };
  }

  async predict(features: Float32Array, rows: number): Promise<Predictions> {
    const { labels, probabilities, classes } = this.run(features, rows);
    return { labels, classes, ...(probabilities && { probabilities: probabilities.slice() }) };
  }

  run(features: Float32Array, rows: number): Predictions {
    if (rows < 1 || features.length !== rows * this.signature.features)
      throw new PredictorError(
        `${features.length} numbers are not ${rows} rows of ${this.signature.features} features, at least one row`,
      );
    const kept = this.#buffers?.prepare(rows);
    if (!kept) return this.#read(this.#runOnce(features, rows), rows);
    kept.input.set(features);
    this.#call(kept.feeds, kept.fetches);
    return this.#read(kept.fetches, rows);
  }

  /** Also learns the shapes of the outputs. Whether the answer is finite is not judged here: zeros may be no sensible input. */
  tryOut(): void {
    const { label, probabilities } = this.outputs;
    const answer = this.#runOnce(new Float32Array(this.signature.features), 1);
    readLabels(label, answer[label], 1);
    if (probabilities && !answer[probabilities]) throw new PredictorError(`the model gave no ${probabilities}`);
    const shapes = Object.keys(this.#fetches).map((name) => shapeOf(name, answer[name]));
    if (shapes.every((shape) => shape !== undefined))
      this.#buffers = new RunBuffers(KEPT_ROWS, { ...this.#input, width: this.signature.features }, shapes);
  }

  async close(): Promise<void> {
    this.#session.release();
  }

  #read(answer: Readonly<Record<string, OutputValue>>, rows: number): Predictions {
    const { label, probabilities: name } = this.outputs;
    const labels = readLabels(label, answer[label], rows);
    if (!name) return { labels, classes: 0 };
    const probabilities = readProbabilities(name, answer[name], rows);
    return { labels, probabilities, classes: probabilities.length / rows };
  }

  #runOnce(features: Float32Array, rows: number): InferenceSession.ReturnType {
    const { name, type } = this.#input;
    const data = type === "float32" ? features : Float64Array.from(features);
    return this.#call({ [name]: plainTensor(type, data, [rows, this.signature.features]) }, this.#fetches);
  }

  #call(
    feeds: Readonly<Record<string, PlainTensor>>,
    fetches: Readonly<Record<string, PlainTensor | null>>,
  ): InferenceSession.ReturnType {
    try {
      return this.#session.run(feeds, fetches);
    } catch (cause) {
      throw new PredictorError(`the model failed: ${cause instanceof Error ? cause.message : cause}`, { cause });
    }
  }
}

/** By the answer to one row; undefined for a shape that does not begin with the rows. */
function shapeOf(name: string, value: OnnxValue | undefined): OutputShape | undefined {
  if (!value || !("dims" in value)) return undefined;
  const { type, dims } = value;
  if (dims[0] !== 1 || (type !== "int64" && type !== "int32" && type !== "float32")) return undefined;
  return { name, type, inner: dims.slice(1) };
}
