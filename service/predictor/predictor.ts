import type { InferenceSession, OnnxValue } from "onnxruntime-node";
import { sizeOf } from "../../data/field.ts";
import type { ClassName, Prediction } from "../../data/prediction.ts";
import type { Table } from "../../data/table.ts";
import { PredictorError, RejectedValueError } from "./errors.ts";
import { fillInput } from "./fill-input.ts";
import type { PredictionHints } from "./hints.ts";
import { findInputs, type ModelInput } from "./inputs.ts";
import { checkNothingMissing, checkTexts } from "./missing.ts";
import { type ModelDescription, readMlmodel } from "./mlmodel.ts";
import { NativeSession } from "./native-session.ts";
import type { OutputPlan } from "./outputs.ts";
import { type AnswerData, inRows, readPrediction } from "./read-answer.ts";
import { readOnnx } from "./read-onnx.ts";
import { rejectedRow } from "./rejected-row.ts";
import { RunBuffers } from "./run-buffers.ts";
import type { Signature } from "./signature.ts";
import type { PlainTensor } from "./tensor.ts";
import { trialRun } from "./trial-run.ts";
import { isTooNew } from "./versions.ts";

export { NonFiniteAnswerError, PredictorError, RowError } from "./errors.ts";
export { columnNames, type Signature } from "./signature.ts";

/** An opened model. The service, the gate and the deployment check all use it to run a model, so their predictions agree. */
export interface Predictor {
  /** The signature, with the types of the model's tensors. */
  readonly signature: Signature;
  /**
   * Runs the model once on all rows.
   * @param table the signature's fields, in order. Numbers may have other types that hold the same values. Do not modify it until the call resolves
   * @throws RowError if a row fails (NonFiniteAnswerError: NaN or infinity); PredictorError if the model fails
   */
  predict(table: Table): Promise<Prediction>;
  /** Frees the model's memory. */
  close(): Promise<void>;
}

/** Tensor types by their names in the Open Inference Protocol. */
export type Datatype = "BOOL" | "BYTES" | `${"FP" | "INT" | "UINT"}${8 | 16 | 32 | 64}`;

/** An output of the model. */
export interface ModelOutput {
  /** Name in the ONNX graph. */
  readonly name: string;
  /** "other" means not part of the prediction, but returned by protocols that name outputs. */
  readonly role: "label" | "probabilities" | "scores" | "values" | "other";
  readonly datatype: Datatype;
  /** Dimensions after the first, which is the number of rows. */
  readonly inner: readonly number[];
}

/** The form of a classifier's answers; undefined for other models. */
export interface ClassAnswers {
  /** In the order of the scores; undefined if they are not named. */
  readonly classes?: readonly ClassName[] | undefined;
  readonly scores?: "probabilities" | "scores" | undefined;
  /** Scores per row in a response. */
  readonly width: number;
  /** Index of the output with the scores to return; undefined if the prediction has them. */
  readonly output?: number | undefined;
}

/** Result of a run, in memory that the next run reuses. */
export interface Run {
  readonly prediction: Prediction;
  /** Values of the model's outputs in their order, row-major. Labels are in the prediction. */
  readonly tensors: readonly AnswerData[];
}

/** A predictor that also exposes the model's outputs by name, for protocols that need them, and runs synchronously. */
export interface OnnxModel extends Predictor {
  /** Predicts synchronously, without checks for missing values and U+0000. Read the result before the next run. */
  run(table: Table): Run;
  /** The prediction's outputs first: a label and any scores, or values. */
  readonly outputs: readonly ModelOutput[];
  readonly classAnswers?: ClassAnswers | undefined;
  /** Declarations in the model's metadata. */
  readonly hints?: PredictionHints | undefined;
}

const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  // One thread, because small models run for microseconds, and a thread pool would cost more than it saves.
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: "sequential",
  // Logs only fatal errors. All others are also thrown, and the runtime's log quotes names from the model's file unescaped.
  logSeverityLevel: 4,
};

/**
 * Opens the model in a folder that has an MLmodel file and its ONNX file. Runs it on zeros, to reject a model that cannot predict.
 * @throws PredictorError that names the file and the fault
 * @example
 * const predictor = await openPredictor("model");
 * const { codes } = await predictor.predict(denseTable(predictor.signature.inputs, Float32Array.of(0.5, -1), 1));
 */
export async function openPredictor(folder: string): Promise<OnnxModel> {
  const description = await readMlmodel(folder);
  let session: NativeSession | undefined;
  try {
    const { analysis, hasSigmoid, ...opened } = await openSession(description);
    session = opened.session;
    const { inputs, signature } = findInputs(session.inputs, description.signature, analysis.takesMissing);
    const { plan, outputs, shapes } = trialRun(session, inputs, analysis, description.hints, hasSigmoid);
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

/** Maximum rows of a run that reuses memory. */
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
      if (!(error instanceof RejectedValueError)) throw error;
      throw rejectedRow(error, table, (part) => this.#run(part));
    }
  }

  #run(table: Table): Run {
    const { session, signature, inputs, plan, buffers, hints } = this.#parts;
    const { rows } = table;
    if (rows < 1 || table.fields.length !== signature.inputs.length)
      throw new PredictorError(
        `the table has ${rows} rows of ${table.fields.length} columns; the model requires ${signature.inputs.length} columns and at least one row`,
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
  // With a label, a tensor of scores is returned unchanged.
  if (label && !activation && scores.length === 1) return { classes, width, scores: kind, output: 1 };
  return { classes, width: width === 1 && areProbabilities ? 2 : width, scores: kind };
}

function dataIn(name: string, value: OnnxValue | PlainTensor | null | undefined): AnswerData {
  if (value && "dims" in value) return value.data as AnswerData;
  throw new PredictorError(`the model returned no tensor for its output ${name}`);
}
