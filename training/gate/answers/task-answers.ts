import type { ClassName } from "../../../data/prediction.ts";
import { type BinaryClasses, binaryLabels } from "../../binary-labels.ts";
import type { SnapshotPart } from "../../snapshot.ts";
import type { AnsweredRows, ClassCodes, Detector, Task } from "../metrics/answered-rows.ts";
import { AnomalyAnswers } from "./anomaly-answers.ts";
import type { AnswerKeeper } from "./answer-rows.ts";
import { BinaryAnswers } from "./binary-answers.ts";
import { codesFor, withCapacity } from "./capacity.ts";
import { MulticlassAnswers } from "./multiclass-answers.ts";
import { ValueAnswers } from "./value-answers.ts";

/** Collects truth and predictions, in row order. */
export interface TaskAnswers extends AnswerKeeper {
  /** Adds the truth of a part's rows. @throws Error if it does not match the task */
  takeTruth(part: SnapshotPart): void;
  /** Returns the collected rows. Call once. @throws ImpossibleAnswer if the predictions as a whole cannot be right */
  finish(): { readonly rows: AnsweredRows; readonly sumError: number; readonly without?: string };
}

/**
 * Creates a collector for the task.
 * @param first the first part
 * @param detector known properties of an anomaly detector
 * @throws Error if the truth does not match the task
 */
export function taskAnswers(task: Task, first: SnapshotPart, detector: Detector = {}): TaskAnswers {
  if (task === "anomaly") return anomaly(first, detector);
  if (task === "binary") return binary(first);
  return task === "multiclass" ? multiclass(first) : regression(first);
}

function binary(first: SnapshotPart): TaskAnswers {
  const { classes } = binaryLabels(first);
  const kept = new BinaryAnswers(first.likelyRows, classes);
  const labels = new Labels(2, first.likelyRows);
  return {
    takeTruth: (part) => labels.add(binaryLabels(part).labels, part.start),
    take: (...answers) => kept.take(...answers),
    finish() {
      kept.checkOrder();
      const { predicted, sumError, epsilon } = kept;
      // After sampling: the deployment check compares what the model returns, rounding included.
      const found = kept.clipped();
      const rows = {
        rows: predicted.length,
        labels: labels.all,
        predicted,
        epsilon,
        classes: names(classes),
        ...found,
      };
      return {
        rows: { task: "binary", ...rows },
        sumError,
        ...(!found.positive && { without: "the model returns no probabilities" }),
      };
    },
  };
}

function anomaly(first: SnapshotPart, detector: Detector): TaskAnswers {
  const { classes } = binaryLabels(first);
  const kept = new AnomalyAnswers(first.likelyRows, detector);
  const labels = new Labels(2, first.likelyRows);
  return {
    takeTruth: (part) => labels.add(binaryLabels(part).labels, part.start),
    take: (...answers) => kept.take(...answers),
    finish() {
      const found = kept.finish(classes);
      const without = found.scores ? "an anomaly detector returns no probabilities" : "the model returns no scores";
      const rows = { labels: labels.all, classes: names(classes), epsilon: 2 ** -52, ...found };
      return { rows: { task: "binary", ...rows }, sumError: 0, without };
    },
  };
}

const names = (classes: BinaryClasses | undefined): readonly [ClassName, ClassName] =>
  classes ? [classes.negative, classes.positive] : [0, 1];

function multiclass(first: SnapshotPart): TaskAnswers {
  const classes = ({ path, truth }: SnapshotPart) => {
    if (truth?.kind !== "classes") throw new Error(`${path} has no classes, which a classifier's evaluation needs`);
    return truth;
  };
  const dataClasses = classes(first).classes;
  const kept = new MulticlassAnswers(first.likelyRows, dataClasses);
  const labels = new Labels(dataClasses.length, first.likelyRows);
  return {
    takeTruth: (part) => labels.add(classes(part).codes, part.start),
    take: (...answers) => kept.take(...answers),
    finish() {
      kept.checkClasses();
      kept.checkOrder();
      const { classes, predicted, sumError, epsilon, without } = kept;
      const probabilities = kept.probabilities();
      const rows = { rows: predicted.length, classes, labels: labels.all, predicted, epsilon };
      return {
        rows: { task: "multiclass", ...rows, ...(probabilities && { probabilities }) },
        sumError,
        ...(!probabilities && { without }),
      };
    },
  };
}

function regression(first: SnapshotPart): TaskAnswers {
  const values = ({ path, truth }: SnapshotPart) => {
    if (truth?.kind !== "values") throw new Error(`${path} has no numeric label, which a regressor's evaluation needs`);
    return truth;
  };
  const { targets } = values(first);
  const width = targets.length;
  const kept = new ValueAnswers(first.likelyRows, targets);
  let truth = new Float64Array(first.likelyRows * width);
  return {
    takeTruth(part) {
      const { data } = values(part);
      truth = withCapacity(truth, part.start * width + data.length);
      truth.set(data, part.start * width);
    },
    take: (...answers) => kept.take(...answers),
    finish() {
      const { predicted } = kept;
      const rows = { rows: predicted.length / width, targets, truth: truth.subarray(0, predicted.length), predicted };
      return { rows: { task: "regression", ...rows }, sumError: 0 };
    },
  };
}

class Labels {
  #codes: ClassCodes;
  #rows = 0;

  constructor(classes: number, likelyRows: number) {
    this.#codes = codesFor(classes, new Uint8Array(likelyRows));
  }

  add(labels: ArrayLike<number>, start: number): void {
    this.#rows = start + labels.length;
    this.#codes = withCapacity(this.#codes, this.#rows);
    this.#codes.set(labels, start);
  }

  get all(): ClassCodes {
    return this.#codes.subarray(0, this.#rows);
  }
}
