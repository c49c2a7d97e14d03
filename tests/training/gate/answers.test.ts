import { expect, test } from "vitest";
import type { Prediction } from "../../../data/prediction.ts";
import { BinaryAnswers } from "../../../training/gate/answers/binary-answers.ts";
import { MulticlassAnswers } from "../../../training/gate/answers/multiclass-answers.ts";
import { ValueAnswers } from "../../../training/gate/answers/value-answers.ts";

const binary = (positive: readonly number[], kind: typeof Float32Array | typeof Float64Array): Prediction => ({
  kind: "classes",
  classes: [0, 1],
  named: 2,
  codes: Int32Array.from(positive, (one) => (one > 0.5 ? 1 : 0)),
  scores: { data: kind.from(positive.flatMap((one) => [1 - one, one])), width: 2, areProbabilities: true },
});

test.each([
  ["too low", 1],
  ["exact", 5],
  ["too high", 100],
])("keeps all rows if the estimated number is %s", (_, likelyRows) => {
  const parts = [[0.25], [0.75, 0.5], [1, 0]];
  const two = new BinaryAnswers(likelyRows, undefined);
  const many = new MulticlassAnswers(likelyRows, [0, 1]);
  const values = new ValueAnswers(likelyRows, ["a"]);
  let start = 0;
  for (const part of parts) {
    const rows = part.length;
    two.take(binary(part, Float64Array), start, { rows });
    many.take(binary(part, Float64Array), start, { rows });
    values.take({ kind: "values", data: Float64Array.from(part), shape: [] }, start, { rows });
    start += rows;
  }
  expect([...two.predicted]).toEqual([0, 1, 0, 1, 0]);
  expect(two.clipped().positive).toEqual(Float64Array.from(parts.flat()));
  expect([...many.predicted]).toEqual([0, 1, 0, 1, 0]);
  expect(many.probabilities()).toEqual(Float64Array.from(parts.flat().flatMap((one) => [1 - one, one])));
  expect(values.predicted).toEqual(Float64Array.from(parts.flat()));
});

test("stores probabilities and values in the model's type, and labels as bytes", () => {
  const two = new BinaryAnswers(2, undefined);
  two.take(binary([0.3, 0.7], Float32Array), 0, { rows: 2 });
  expect(two.clipped().positive).toEqual(Float32Array.of(0.3, 0.7));
  expect(two.predicted).toEqual(Uint8Array.of(0, 1));
  const values = new ValueAnswers(1, ["a"]);
  values.take({ kind: "values", data: Float32Array.of(0.3), shape: [] }, 0, { rows: 1 });
  expect(values.predicted).toEqual(Float32Array.of(0.3));
});

test("widens the labels if a model has more classes than fit in a byte", () => {
  const kept = new MulticlassAnswers(
    2,
    Array.from({ length: 255 }, (_, index) => index),
  );
  const one = (classes: readonly number[], row: number) =>
    kept.take({ kind: "classes", classes, named: 0, codes: Int32Array.of(classes.length - 1) }, row, { rows: 1 });
  one([7], 0);
  one([1000], 1);
  expect(kept.predicted).toEqual(Uint8Array.of(7, 255));
  one([1000, 1001, 1002], 2);
  expect(kept.predicted).toEqual(Int32Array.of(7, 255, 257));
});

/** Labels at a threshold, with the probabilities of the second class. */
const thresholded = (
  positive: readonly number[],
  threshold: number,
  { classes, isSwapped = false }: { classes: readonly (string | number)[]; isSwapped?: boolean },
): Prediction => ({
  kind: "classes",
  classes,
  named: typeof classes[0] === "number" ? 2 : 0,
  isAssumed: true,
  codes: Int32Array.from(positive, (one) => (one > threshold ? 1 : 0)),
  scores: {
    data: Float32Array.from(positive.flatMap((one) => (isSwapped ? [one, 1 - one] : [1 - one, one]))),
    width: 2,
    areProbabilities: true,
  },
});
const RARE = [0.01, 0.02, 0.02, 0.03, 0.04, 0.08, 0.11, 0.2, 0.4];
const EVEN = [0.1, 0.3, 0.45, 0.55, 0.8, 0.95];

test.each([
  ["numbers", [0, 1], undefined],
  ["texts", ["no", "yes"], { negative: "no", positive: "yes" }],
] as const)("checks an assumed order of two columns against the labels: %s", (_, classes, known) => {
  const judged = (...[positive, threshold, isSwapped]: [number[], number, boolean]) => {
    const kept = new BinaryAnswers(positive.length, known);
    kept.take(thresholded(positive, threshold, { classes, isSwapped }), 0, { rows: positive.length });
    return () => kept.checkOrder();
  };
  for (const [positive, threshold] of [
    [EVEN, 0.5],
    [RARE, 0.05],
    [RARE, 0.3],
    [EVEN, 0.9],
  ] as const) {
    expect(judged([...positive], threshold, false)).not.toThrow();
    expect(judged([...positive], threshold, true)).toThrow(
      /^the model does not declare the order of its 2 score columns, and its labels contradict .*metadata=\{"prediction": \{"classes": \[…\]\}\}$/,
    );
  }
});

test.each([
  ["opposite signs, as a support vector machine returns them", [2, -1, -3]],
  ["the signs of the labels", [-2, 1, 3]],
])("margins of two named classes rank the rows consistently with the labels: %s", (_, margins) => {
  const kept = new BinaryAnswers(1, undefined);
  for (const [row, margin] of margins.entries())
    kept.take(
      {
        kind: "classes",
        classes: [0, 1],
        named: 2,
        codes: Int32Array.of(row === 0 ? 0 : 1),
        scores: { data: Float32Array.of(-margin, margin), width: 2, areProbabilities: false },
      },
      row,
      { rows: 1 },
    );
  expect(kept.clipped().scores).toEqual(Float32Array.of(-2, 1, 3));
});

test("rejects unnamed columns of a model that predicts only one class", () => {
  const kept = new BinaryAnswers(2, { negative: "no", positive: "yes" });
  kept.take(thresholded([0.1, 0.2], 0.5, { classes: ["no", "yes"] }), 0, { rows: 2 });
  expect(() => kept.checkOrder()).toThrow("its labels do not confirm the order no, yes");
});

test("labels that are all unknown to the data are an error, not an accuracy of 0", () => {
  const judged = (classes: readonly (string | number)[], label: number) => {
    const kept = new MulticlassAnswers(1, ["setosa", "versicolor", "virginica"]);
    kept.take({ kind: "classes", classes, named: 3, codes: Int32Array.of(label) }, 0, { rows: 1 });
    return () => kept.checkClasses();
  };
  expect(judged([0, 1, 2], 1)).toThrow(
    'none of the model\'s labels (0, 1, 2) is a class of the data: setosa, versicolor, virginica. If the labels are indexes, name the classes in their order when you log the model: metadata={"prediction": {"classes": ["…"]}}. If not, name the data\'s classes with data.classes',
  );
  expect(judged(["a", "b", "c"], 0)).toThrow("none of the model's labels (a, b, c) is a class of the data");
  expect(judged(["setosa", "unknown", "other"], 1)).not.toThrow();
});

test("detects two swapped columns among many", () => {
  const judged = (order: readonly number[]) => {
    const rows = Array.from({ length: 40 }, (_, row) => row % 10);
    const row = (label: number) => order.map((column) => (column === label ? 0.55 : 0.05));
    const kept = new MulticlassAnswers(40, [...order.keys()]);
    kept.take(
      {
        kind: "classes",
        classes: [...order.keys()],
        named: 10,
        isAssumed: true,
        codes: Int32Array.from(rows),
        scores: { data: Float32Array.from(rows.flatMap(row)), width: 10, areProbabilities: true },
      },
      0,
      { rows: 40 },
    );
    return () => kept.checkOrder();
  };
  expect(judged([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])).not.toThrow();
  expect(judged([0, 1, 2, 7, 4, 5, 6, 3, 8, 9])).toThrow("the mean of column 3 is 0.0500");
});

test("a model that returns two numbers for one target may be a classifier: the error names both remedies", () => {
  const values = new ValueAnswers(1, ["churned"]);
  const scores = { kind: "values", data: Float32Array.of(0.1, 0.9), shape: [2] } as const;
  expect(() => values.take(scores, 0, { rows: 1 })).toThrow(
    'the model returns 2 numbers per row, but the data\'s label has 1: churned. If they are class scores, log the model with metadata={"prediction": {"task": "classification"}}; if they are values, name one column for each number with data.label',
  );
});
