import type { InferenceSession, OnnxValue } from "onnxruntime-node";
import { sizeOf } from "../../data/field.ts";
import type { ClassName, Prediction } from "../../data/prediction.ts";
import type { Table } from "../../data/table.ts";
import { PredictorError, RefusedValueError } from "./errors.ts";
import { fillInput } from "./fill-input.ts";
import type { PredictionHints } from "./hints.ts";
import { findInputs, type ModelInput } from "./inputs.ts";
import { checkNothingMissing, checkTexts } from "./missing.ts";
import { type ModelDescription, readMlmodel } from "./mlmodel.ts";
import { NativeSession } from "./native-session.ts";
import type { OutputPlan } from "./outputs.ts";
import { type AnswerData, inRows, readPrediction } from "./read-answer.ts";
import { readOnnx } from "./read-onnx.ts";
import { refusedRow } from "./refused-row.ts";
import { RunBuffers } from "./run-buffers.ts";
import type { Signature } from "./signature.ts";
import type { PlainTensor } from "./tensor.ts";
import { tryOut } from "./try-out.ts";
import { isTooNew } from "./versions.ts";

export { NonFiniteAnswerError, PredictorError, RowError } from "./errors.ts";
export { columnNames, type Signature } from "./signature.ts";

/** An opened model. The service, the gate and the deployment check run a model through this one, and so agree. */
export interface Predictor {
  /** With the types that the model's tensors have. */
  readonly signature: Signature;
  /**
   * Runs the model once over all rows.
   * @param table the signature's fields, in order; numbers may be of other types that hold the same values. Must not change until the answer is there
   * @throws RowError when it cannot answer a row (NonFiniteAnswerError: with NaN or infinity); PredictorError when the model fails
   */
  predict(table: Table): Promise<Prediction>;
  /** Frees the model's memory. */
  close(): Promise<void>;
}

/** Types of tensors by the names of the Open Inference Protocol. */
export type Datatype = "BOOL" | "BYTES" | `${"FP" | "INT" | "UINT"}${8 | 16 | 32 | 64}`;

/** What a model answers with. */
export interface ModelOutput {
  /** In its ONNX graph. */
  readonly name: string;
  /** "other": beside the prediction, and given out by protocols that name outputs. */
  readonly role: "label" | "probabilities" | "scores" | "values" | "other";
  readonly datatype: Datatype;
  /** Dimensions behind the first, which is the number of rows. */
  readonly inner: readonly number[];
}

/** What the answers of a classifier are like; undefined for other models. */
export interface ClassAnswers {
  /** In the order of the scores, where anything names them. */
  readonly classes?: readonly ClassName[] | undefined;
  readonly scores?: "probabilities" | "scores" | undefined;
  /** Scores a row in an answer. */
  readonly width: number;
  /** Place of the output that they are, as they are given out; undefined: they stand in the prediction. */
  readonly output?: number | undefined;
}

/** An answer, in memory that the next run uses again. */
export interface Run {
  readonly prediction: Prediction;
  /** Values of each of the model's outputs, row-major, in their order; that of a label is in the prediction. */
  readonly tensors: readonly AnswerData[];
}

/** One that also tells what the model itself calls its outputs, for protocols that name them, and that can be had without a promise. */
export interface OnnxModel extends Predictor {
  /** As predict, but at once, without a look for missing values and for U+0000, and its numbers must be read before the next run. */
  run(table: Table): Run;
  /** The answering ones first: a label and, if there are any, scores; or values. */
  readonly outputs: readonly ModelOutput[];
  readonly classAnswers?: ClassAnswers | undefined;
  /** What the model's metadata says that its graph cannot. */
  readonly hints?: PredictionHints | undefined;
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
 * const { codes } = await predictor.predict(denseTable(predictor.signature.inputs, Float32Array.of(0.5, -1), 1));
 */
export async function openPredictor(folder: string): Promise<OnnxModel> {
  const description = await readMlmodel(folder);
  let session: NativeSession | undefined;
  try {
    const { facts, hasSigmoid, ...opened } = await openSession(description);
    session = opened.session;
    const { inputs, signature } = findInputs(session.inputs, description.signature, facts.takesMissing);
    const { plan, outputs, shapes } = tryOut(session, inputs, facts, description.hints, hasSigmoid);
    const buffers = new RunBuffers(KEPT_ROWS, inputs, shapes);
    const { hints } = description;
    return new OnnxPredictor({ session, signature, inputs, plan, outputs, buffers, hints });
  } catch (cause) {
    session?.release();
    throw new PredictorError(`${description.onnxFile}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

async function openSession({ onnxFile, folder }: ModelDescription) {
  const read = await readOnnx(onnxFile, folder);
  try {
    return { session: new NativeSession(read.bytes, SESSION_OPTIONS), ...read };
  } catch (error) {
    if (!isTooNew(error)) throw error;
  }
  const lowered = await readOnnx(onnxFile, folder, true);
  return { session: new NativeSession(lowered.bytes, SESSION_OPTIONS), ...lowered };
}

/** Runs of up to so many rows use memory that is kept. */
const KEPT_ROWS = 1024;

interface Parts {
  readonly session: NativeSession;
  readonly signature: Signature;
  readonly inputs: readonly ModelInput[];
  readonly plan: OutputPlan;
  readonly outputs: readonly ModelOutput[];
  readonly buffers: RunBuffers;
  readonly hints: PredictionHints;
}

class OnnxPredictor implements OnnxModel {
  readonly signature: Signature;
  readonly outputs: readonly ModelOutput[];
  readonly classAnswers: ClassAnswers | undefined;
  readonly hints: PredictionHints;
  readonly #parts: Parts;
  readonly #takesTexts: boolean;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#takesTexts = parts.inputs.some(({ type }) => type === "string");
    this.signature = parts.signature;
    this.outputs = parts.outputs;
    this.hints = parts.hints;
    this.classAnswers = classAnswersOf(parts.plan);
  }

  async predict(table: Table): Promise<Prediction> {
    checkNothingMissing(table, this.signature);
    if (this.#takesTexts) checkTexts(table);
    const { prediction } = this.run(table);
    if (prediction.kind === "values") return { ...prediction, data: prediction.data.slice() };
    const { scores } = prediction;
    return scores ? { ...prediction, scores: { ...scores, data: scores.data.slice() } } : prediction;
  }

  run(table: Table): Run {
    try {
      return this.#run(table);
    } catch (error) {
      if (!(error instanceof RefusedValueError)) throw error;
      throw refusedRow(error, table, (part) => this.#run(part));
    }
  }

  #run(table: Table): Run {
    const { session, signature, inputs, plan, buffers, hints } = this.#parts;
    const { rows } = table;
    if (rows < 1 || table.fields.length !== signature.inputs.length)
      throw new PredictorError(
        `the table has ${rows} rows of ${table.fields.length} columns; the model takes ${signature.inputs.length}, and at least one row`,
      );
    const { tensors: given, feeds, fetches } = buffers.prepare(rows);
    for (let index = 0; index < inputs.length; index++)
      fillInput(given[index] as PlainTensor, inputs[index] as ModelInput, table, hints.missingText ?? "");
    const answer = session.run(feeds, fetches);
    const dataOf = (name: string) => dataIn(name, fetches[name] ?? answer[name]);
    const prediction = readPrediction(plan, dataOf, rows);
    const tensors = this.outputs.map(({ name, role, inner }) => {
      const data = dataOf(name);
      return role === "other" ? inRows(name, data, rows, sizeOf(inner)) : data;
    });
    return { prediction, tensors };
  }

  async close(): Promise<void> {
    this.#parts.session.release();
  }
}

function classAnswersOf(plan: OutputPlan): ClassAnswers | undefined {
  if (plan.kind === "values") return undefined;
  const { classes, areProbabilities, scores, width, label, activation } = plan;
  const kind = scores.length === 0 ? undefined : areProbabilities ? "probabilities" : "scores";
  // Beside a label a tensor of scores is given out as it is.
  if (label && !activation && scores.length === 1) return { classes, width, scores: kind, output: 1 };
  return { classes, width: width === 1 && areProbabilities ? 2 : width, scores: kind };
}

function dataIn(name: string, value: OnnxValue | PlainTensor | null | undefined): AnswerData {
  if (value && "dims" in value) return value.data as AnswerData;
  throw new PredictorError(`the model gave no tensor for its output ${name}`);
}
