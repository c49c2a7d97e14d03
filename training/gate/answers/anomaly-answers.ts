import { sizeOf } from "../../../data/field.ts";
import { emptyLike, type FloatArray } from "../../../data/number-array.ts";
import type { ClassName, ClassPrediction, Prediction } from "../../../data/prediction.ts";
import type { BinaryClasses } from "../../binary-labels.ts";
import type { AnomalyScores, Detector } from "../metrics/answered-rows.ts";
import { anomalyLabels } from "./anomaly-labels.ts";
import { type AnswerKeeper, ImpossibleAnswer } from "./answer-rows.ts";
import { withCapacity } from "./capacity.ts";

/** A detector labels rows as one of two; a model with more labels is a classifier. */
const MOST_LABELS = 16;

/** Collects an anomaly detector's predictions, in row order: a score per row, a label, or both. */
export class AnomalyAnswers implements AnswerKeeper {
  readonly #likelyRows: number;
  readonly #end: AnomalyScores | undefined;
  /** As the model returns them. */
  #scores: FloatArray | undefined;
  /** Index into `#names`. */
  #labels: Uint8Array | undefined;
  readonly #names: ClassName[];
  #rows = 0;

  /**
   * @param likelyRows estimated number of rows
   * @param detector which end of the scores marks an anomaly (required for scores), and labels that the detector returned for other rows
   */
  constructor(likelyRows: number, detector: Pick<Detector, "scores" | "labels">) {
    this.#likelyRows = likelyRows;
    this.#end = detector.scores;
    this.#names = [...(detector.labels ?? [])];
  }

  take(prediction: Prediction, start: number, { rows }: { readonly rows: number }): void {
    this.#rows = start + rows;
    if (prediction.kind === "classes") {
      this.#takeClasses(prediction, start, rows);
      return;
    }
    const { data, shape } = prediction;
    if (sizeOf(shape) !== 1)
      throw new ImpossibleAnswer(
        `the model returns ${sizeOf(shape)} numbers per row, but an anomaly detector returns one score. Name the score's output in MLmodel's metadata.prediction.output`,
      );
    this.#takeScores(data, start, rows);
  }

  /**
   * Returns the predictions, with scores oriented so that larger is more abnormal.
   * @param classes the data's names of the classes
   * @throws ImpossibleAnswer for unknown labels, or labels that contradict the scores
   */
  finish(classes: BinaryClasses | undefined) {
    const rows = this.#rows;
    const labels = this.#labels?.subarray(0, rows);
    const meanings = labels && anomalyLabels(this.#names, classes);
    const predicted = labels ? labels.map((code) => meanings?.[code] ?? 0) : new Uint8Array(rows);
    const end = this.#scores && this.#end;
    const scores = this.#scores?.subarray(0, rows);
    if (scores && end === "low") for (let row = 0; row < rows; row++) scores[row] = -(scores[row] as number);
    if (scores && labels) refuseContradiction(scores, predicted, end);
    const anomaly: Detector = {
      ...(end && { scores: end }),
      ...(labels ? { labels: this.#names } : { unlabelled: true }),
    };
    return { rows, predicted, anomaly, ...(scores && { scores }) };
  }

  #takeClasses({ classes, codes, scores }: ClassPrediction, start: number, rows: number): void {
    if (scores && scores.width !== 1)
      throw new ImpossibleAnswer(
        `the model returns ${scores.width} ${scores.areProbabilities ? "probabilities" : "scores"} per row, but an anomaly detector returns one score. For a classifier, set gate.task: binary`,
      );
    if (scores) this.#takeScores(scores.data, start, rows);
    const labels = withCapacity(this.#labels ?? new Uint8Array(this.#likelyRows), start + rows);
    this.#labels = labels;
    // Labels named by the model come first, whether or not a row has them.
    const labelCodes = classes.map((name) => this.#codeOf(name));
    for (let row = 0; row < rows; row++) labels[start + row] = labelCodes[codes[row] as number] as number;
  }

  #codeOf(name: ClassName): number {
    const code = this.#names.indexOf(name);
    if (code >= 0) return code;
    this.#names.push(name);
    if (this.#names.length > MOST_LABELS)
      throw new ImpossibleAnswer(
        `the model labels rows as ${this.#names.slice(0, 3).join(", ")} and others, but an anomaly detector has two labels`,
      );
    return this.#names.length - 1;
  }

  #takeScores(data: FloatArray, start: number, rows: number): void {
    const scores = withCapacity(this.#scores ?? emptyLike(data, this.#likelyRows), start + rows);
    scores.set(data.subarray(0, rows), start);
    this.#scores = scores;
  }
}

/** Labels derive from the scores: if every row labelled as an anomaly has a more normal score than all others, `end` is the wrong one. */
function refuseContradiction(scores: FloatArray, predicted: Uint8Array, end: AnomalyScores | undefined): void {
  let [mostAbnormal, leastNormal] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row] as number;
    if (predicted[row] === 1) mostAbnormal = Math.max(mostAbnormal, score);
    else leastNormal = Math.min(leastNormal, score);
  }
  if (Number.isFinite(mostAbnormal) && Number.isFinite(leastNormal) && mostAbnormal < leastNormal)
    throw new ImpossibleAnswer(
      `anomalyScores is ${end}, but the model labels the rows at the other end of its scores as anomalies: set it to ${end === "low" ? "high" : "low"}`,
    );
}
