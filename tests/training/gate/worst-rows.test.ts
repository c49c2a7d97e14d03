import { expect, test } from "vitest";
import type { BinaryRows } from "../../../training/gate/metrics/answered-rows.ts";
import { worstRows } from "../../../training/gate/worst-rows.ts";
import { multiclassRows, regressionRows } from "../../fixtures/gate/reports.ts";

const binary = (labels: number[], predicted: number[], scores?: number[], areProbabilities = true): BinaryRows => ({
  task: "binary",
  rows: labels.length,
  classes: ["stays", "leaves"],
  epsilon: 2 ** -52,
  labels: Uint8Array.from(labels),
  predicted: Uint8Array.from(predicted),
  ...(scores && { scores: Float64Array.from(scores) }),
  ...(scores && areProbabilities && { positive: Float64Array.from(scores) }),
});

test("lists a classifier's wrong rows by the probability of their truth, numbered from 1, without correct rows", () => {
  const found = worstRows(binary([1, 0, 1, 0, 1], [1, 1, 0, 1, 0], [0.1, 0.7, 0.4, 0.9, 0.2]));
  expect(found).toMatchObject({ by: "probability", wrong: 4 });
  expect(found.rows).toEqual([
    { row: 4, truth: "stays", answer: "leaves", probability: expect.closeTo(0.1, 9) },
    { row: 5, truth: "leaves", answer: "stays", probability: 0.2 },
    { row: 2, truth: "stays", answer: "leaves", probability: expect.closeTo(0.3, 9) },
    { row: 3, truth: "leaves", answer: "stays", probability: 0.4 },
  ]);
});

test("orders the rows of a model with margins by distance from the decision threshold", () => {
  // It predicts 1 above 4.
  const found = worstRows(binary([0, 1, 0, 1, 1], [0, 0, 1, 1, 0], [3, -2, 6, 5, 2.5], false));
  expect(found).toMatchObject({ by: "score", wrong: 3 });
  expect(found.rows.map(({ row, score }) => [row, score])).toEqual([
    [2, -2],
    [3, 6],
    [5, 2.5],
  ]);
});

test("lists the first wrong rows of a model with only labels", () => {
  const wrong = Array.from({ length: 30 }, (_, row) => (row % 2 === 0 ? 1 : 0));
  const found = worstRows(
    binary(
      wrong,
      wrong.map(() => 0),
    ),
  );
  expect(found).toMatchObject({ by: "order", wrong: 15 });
  expect(found.rows.map(({ row }) => row)).toEqual(Array.from({ length: 15 }, (_, index) => 2 * index + 1));
});

test("lists at most 20 rows of many classes with class names, in the order of a full sort", () => {
  const rows = multiclassRows(5_000, ["a", "b", "c"], 1);
  if (rows.task !== "multiclass" || !rows.probabilities) throw new Error("not multiclass");
  const { labels, predicted, probabilities, classes } = rows;
  const sorted = Array.from(labels, (label, row) => ({
    row,
    truth: label,
    p: probabilities[row * 3 + label] as number,
  }))
    .filter(({ row, truth }) => predicted[row] !== truth)
    .sort((a, b) => a.p - b.p || a.row - b.row);
  const found = worstRows(rows);
  expect(found.wrong).toBe(sorted.length);
  expect(found.rows).toEqual(
    sorted.slice(0, 20).map(({ row, truth, p }) => ({
      row: row + 1,
      truth: classes[truth],
      answer: classes[predicted[row] as number],
      probability: p,
    })),
  );
});

test("orders a regressor's rows by residual; with several targets, in units of each target's error", () => {
  const one = worstRows({
    task: "regression",
    rows: 3,
    targets: ["y"],
    truth: Float64Array.of(1, 2, 3),
    predicted: Float64Array.of(1, 4, 2.5),
  });
  expect(one).toEqual({
    by: "residual",
    rows: [
      { row: 2, truth: 2, answer: 4, residual: 2 },
      { row: 3, truth: 3, answer: 2.5, residual: -0.5 },
    ],
  });
  // Residuals of the first target are a thousand times those of the second, whose last row is the oddest of all.
  const several = worstRows({
    task: "regression",
    rows: 4,
    targets: ["euros", "rooms"],
    truth: Float64Array.of(0, 0, 0, 0, 0, 0, 0, 0),
    predicted: Float64Array.of(1000, 1, -1000, 1, 1000, 1, -1000, 9),
  });
  expect(several.rows[0]).toEqual({ row: 4, target: "rooms", truth: 0, answer: 9, residual: 9 });
  expect(several.rows).toHaveLength(8);
});

test("does not list rows of weight 0", () => {
  const found = worstRows(binary([1, 1], [0, 0], [0.1, 0.2]), Float64Array.of(0, 1));
  expect(found).toMatchObject({ wrong: 1, rows: [{ row: 2 }] });
  const values = regressionRows(5, ["y"], 1);
  expect(worstRows(values, Float64Array.of(0, 0, 0, 1, 0)).rows.map(({ row }) => row)).toEqual([4]);
});
