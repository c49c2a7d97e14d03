import { expect, test } from "vitest";
import type { Prediction } from "../../../data/prediction.ts";
import { BinaryAnswers } from "../../../training/gate/answers/binary-answers.ts";
import { MulticlassAnswers } from "../../../training/gate/answers/multiclass-answers.ts";
import { ValueAnswers } from "../../../training/gate/answers/value-answers.ts";

const binary = (positive: readonly number[], kind: typeof Float32Array | typeof Float64Array): Prediction => ({
  ...{ kind: "classes", classes: [0, 1], named: 2, codes: Int32Array.from(positive, (one) => (one > 0.5 ? 1 : 0)) },
  scores: { data: kind.from(positive.flatMap((one) => [1 - one, one])), width: 2, areProbabilities: true },
});

test.each([
  ["fewer", 1],
  ["as many", 5],
  ["more", 100],
])("keeps the rows of a snapshot that has %s than it seemed to have", (_, likelyRows) => {
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

test("keeps probabilities and values in the type that the model gives them, and labels in bytes", () => {
  const two = new BinaryAnswers(2, undefined);
  two.take(binary([0.3, 0.7], Float32Array), 0, { rows: 2 });
  expect(two.clipped().positive).toEqual(Float32Array.of(0.3, 0.7));
  expect(two.predicted).toEqual(Uint8Array.of(0, 1));
  const values = new ValueAnswers(1, ["a"]);
  values.take({ kind: "values", data: Float32Array.of(0.3), shape: [] }, 0, { rows: 1 });
  expect(values.predicted).toEqual(Float32Array.of(0.3));
});

test("widens the labels when a model names more classes than a byte can tell apart", () => {
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
