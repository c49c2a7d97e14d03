import { expect, test } from "vitest";
import { weightedQuantile } from "../../../../training/gate/metrics/weighted-quantile.ts";

const values = Float64Array.of(40, 10, 30, 20);

test("without weights, the median is the middle value or the mean of the two middle values", () => {
  expect(weightedQuantile(values, 0.5)()).toBe(25);
  expect(weightedQuantile(values.slice(1), 0.5)()).toBe(20);
  expect(weightedQuantile(Float64Array.of(7), 0.5)()).toBe(7);
});

test("values of weight 0 are skipped, including between the two middle values", () => {
  const median = weightedQuantile(values, 0.5);
  expect(median([1, 1, 0, 0])).toBe(25);
  expect(median([2, 1, 0, 1])).toBe(30);
  expect(median([0, 1, 0, 0])).toBe(10);
  expect(median([3, 1, 1, 0])).toBe(40);
  expect(median([0, 0, 0, 0])).toBeNaN();
});

test("the ends are the smallest and largest values with a positive weight", () => {
  expect(weightedQuantile(values, 1)([1, 1, 1, 1])).toBe(40);
  expect(weightedQuantile(values, 1)([0, 0.1, 0.2, 0.3])).toBe(30);
  // 0.7 + 0.2 + 0.1, in the order of the values, is less than 0.7 + 0.1 + 0.2, in the order of the rows.
  expect(weightedQuantile(values, 1)([0, 0.1, 0.2, 0.7])).toBe(30);
  expect(weightedQuantile(values, 1)([0, 0.7, 0.1, 0.2])).toBe(30);
  expect(weightedQuantile(values, 0)([1, 0, 1, 1])).toBe(20);
});
