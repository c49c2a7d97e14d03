import { sizeOf } from "../../../data/field.ts";
import { emptyLike, type FloatArray } from "../../../data/number-array.ts";
import type { ClassName, ClassPrediction, Prediction } from "../../../data/prediction.ts";
import type { BinaryClasses } from "../../binary-labels.ts";
import type { AnomalyScores, Detector } from "../metrics/answered-rows.ts";
import { anomalyLabels } from "./anomaly-labels.ts";
import { type AnswerKeeper, ImpossibleAnswer } from "./answer-rows.ts";
import { withRoom } from "./room.ts";

/** A detector labels rows as one of two; more is a classifier. */
const MOST_LABELS = 16;

/** Answers of an anomaly detector: a score a row, a label, or both. Rows come in their order. */
export class AnomalyAnswers implements AnswerKeeper {
  readonly #likelyRows: number;
  readonly #end: AnomalyScores | undefined;
  /** As the model gives them. */
  #scores: FloatArray | undefined;
  /** Index into `#names`. */
  #labels: Uint8Array | undefined;
  readonly #names: ClassName[];
  #rows = 0;

  /**
   * @param likelyRows how many rows there may be
   * @param known which end of the scores anomalies are at, which a detector that gives scores needs; labels that it gave to other rows
   */
  constructor(likelyRows: number, known: Pick<Detector, "scores" | "labels">) {
    this.#likelyRows = likelyRows;
    this.#end = known.scores;
    this.#names = [...(known.labels ?? [])];
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
        `the model answers ${sizeOf(shape)} numbers a row; an anomaly detector answers one score. Name its output in MLmodel's metadata.prediction.output`,
      );
    this.#takeScores(data, start, rows);
  }

  /**
   * What was taken, with scores turned so that larger is more abnormal.
   * @param classes how the data name the classes
   * @throws ImpossibleAnswer for labels that are none, or that contradict the scores
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
        `the model gives ${scores.width} ${scores.areProbabilities ? "probabilities" : "scores"} a row; an anomaly detector gives one score. Judge a classifier with gate.task: binary`,
      );
    if (scores) this.#takeScores(scores.data, start, rows);
    const labels = withRoom(this.#labels ?? new Uint8Array(this.#likelyRows), start + rows);
    this.#labels = labels;
    // Those that the model names come first, whether a row has them or not.
    const places = classes.map((name) => this.#placeOf(name));
    for (let row = 0; row < rows; row++) labels[start + row] = places[codes[row] as number] as number;
  }

  #placeOf(name: ClassName): number {
    const known = this.#names.indexOf(name);
    if (known >= 0) return known;
    this.#names.push(name);
    if (this.#names.length > MOST_LABELS)
      throw new ImpossibleAnswer(
        `the model labels rows as ${this.#names.slice(0, 3).join(", ")} and others; an anomaly detector has two labels`,
      );
    return this.#names.length - 1;
  }

  #takeScores(data: FloatArray, start: number, rows: number): void {
    const scores = withRoom(this.#scores ?? emptyLike(data, this.#likelyRows), start + rows);
    scores.set(data.subarray(0, rows), start);
    this.#scores = scores;
  }
}

/** Labels come from the same scores: where each row that is called an anomaly is scored as more normal than all others, the end is the wrong one. */
function refuseContradiction(scores: FloatArray, predicted: Uint8Array, end: AnomalyScores | undefined): void {
  let [mostAbnormal, leastNormal] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row] as number;
    if (predicted[row] === 1) mostAbnormal = Math.max(mostAbnormal, score);
    else leastNormal = Math.min(leastNormal, score);
  }
  if (Number.isFinite(mostAbnormal) && Number.isFinite(leastNormal) && mostAbnormal < leastNormal)
    throw new ImpossibleAnswer(
      `anomalyScores is ${end}, and the model labels the rows at the other end of its scores as anomalies: set it to ${end === "low" ? "high" : "low"}`,
    );
}
