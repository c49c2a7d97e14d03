import { describe, expect, test } from "vitest";
import { accuracy, confusion, f1, logLoss, rocAuc } from "../../training/metrics.ts";
import { loadSnapshot } from "../../training/snapshot.ts";
import { CHURN, scikitLearn } from "../fixtures/training/recorded.ts";

const { labels } = await loadSnapshot(`${CHURN}/evaluation.csv`);
const { metrics, evaluation } = scikitLearn;
/** NumPy rounds halves to even; none of these is a half. */
const tied = evaluation.positive.map((probability) => Math.round(probability * 10) / 10);

describe("metrics agree with scikit-learn on the churn data", () => {
  test.each([
    ["accuracy", accuracy(labels, evaluation.labels), metrics.accuracy],
    ["f1", f1(labels, evaluation.labels), metrics.f1],
    ["log loss", logLoss(labels, evaluation.positive), metrics.logLoss],
    ["log loss of sure and wrong answers", logLoss([0, 1, 1], [1, 0, 1]), metrics.logLossOfCertain],
    ["ROC AUC", rocAuc(labels, evaluation.positive), metrics.rocAuc],
    ["ROC AUC with ties", rocAuc(labels, tied), metrics.rocAucOfTied],
  ])("%s", (_name, ours, theirs) => {
    expect(ours).toBeCloseTo(theirs, 14);
  });

  test("confusion", () => {
    expect(confusion(labels, evaluation.labels)).toEqual(metrics.confusion);
  });
});

describe("edges", () => {
  test("f1 is 0 where class 1 is never right", () => {
    expect(f1([0, 0, 1], [0, 0, 0])).toBe(0);
  });

  test("float32 labels and probabilities serve as well", () => {
    expect(accuracy(Int32Array.of(0, 1), Float32Array.of(0, 0))).toBe(0.5);
    expect(rocAuc(Int32Array.of(0, 1), Float32Array.of(0.2, 0.7))).toBe(1);
  });

  test.each([
    ["no rows", () => accuracy([], []), "at least one row"],
    ["different lengths", () => f1([0, 1], [0]), "2 labels do not fit 1 predictions"],
    ["a third label", () => confusion([0, 2], [0, 0]), "label of row 1 must be 0 or 1, got 2"],
    ["a probability above 1", () => logLoss([1], [1.5]), "probability of row 0 must be between 0 and 1, got 1.5"],
    ["a probability that is NaN", () => rocAuc([0, 1], [0.5, Number.NaN]), "score of row 1 is not a number"],
    ["one class in a ROC curve", () => rocAuc([1, 1], [0.5, 0.6]), "needs rows of both classes, got only class 1"],
  ])("refuses %s", (_name, metric, message) => {
    expect(metric).toThrow(message);
  });
});
