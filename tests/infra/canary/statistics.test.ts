import { expect, test } from "vitest";
import {
  difference,
  medianInterval,
  quantile,
  quantileInterval,
  wilson,
} from "../../../infra/targets/kubernetes/canary/statistics.ts";

test("Wilson's interval matches Newcombe's paper: 81 of 263", () => {
  const { lower, upper } = wilson(81, 263, 1.96);
  expect([lower, upper].map((value) => value.toFixed(4))).toEqual(["0.2553", "0.3662"]);
});

test("the interval of a difference matches Newcombe's paper, method 10: 56 of 70 against 48 of 80", () => {
  const { lower, upper } = difference([56, 70], [48, 80], 1.96);
  expect([lower, upper].map((value) => value.toFixed(4))).toEqual(["0.0524", "0.3339"]);
});

test("rare events have an interval: 0 of 100 does not prove 0", () => {
  expect(wilson(0, 100, 1.96).upper).toBeCloseTo(1.96 ** 2 / (100 + 1.96 ** 2), 12);
  expect(wilson(0, 0, 1.96)).toEqual({ lower: 0, upper: 1 });
});

const buckets = new Map([
  [0.1, 50],
  [0.2, 40],
  [Infinity, 10],
]);

test("interpolates a quantile within its bucket, and uses the highest bound in the last one", () => {
  expect(quantile(buckets, 0.5)).toBeCloseTo(0.1, 12);
  expect(quantile(buckets, 0.7)).toBeCloseTo(0.15, 12);
  expect(quantile(buckets, 0.95)).toBe(0.2);
  expect(quantile(new Map(), 0.5)).toBeNaN();
  expect(quantile(new Map([[1, 0]]), 0.5)).toBeNaN();
});

test("a quantile's interval narrows with the number of requests", () => {
  const width = (times: number) => {
    const { lower, upper } = quantileInterval(
      new Map([...buckets].map(([le, count]) => [le, count * times])),
      0.7,
      1.96,
    );
    return upper - lower;
  };
  // With the square root of the number.
  expect(width(1) / width(100)).toBeCloseTo(10, 6);
});

test("the median's interval by ranks has its nominal coverage", () => {
  const times = Array.from({ length: 20 }, (_, index) => (index * 7) % 20);
  // Ranks 6 and 15: 95.9 % by scipy.stats.binom.
  expect(medianInterval(times, 1.96)).toEqual({ value: 9.5, lower: 5, upper: 14 });
  expect(medianInterval([3, 1, 2], 0)).toMatchObject({ value: 2 });
  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  for (const size of [6, 20, 30]) {
    let covered = 0;
    for (let run = 0; run < 2000; run++) {
      const { lower, upper } = medianInterval(Array.from({ length: size }, random), 1.96);
      if (lower <= 0.5 && 0.5 <= upper) covered++;
    }
    expect(covered / 2000, `${size} values`).toBeGreaterThan(0.94);
  }
});

test("too few values give no interval of the median", () => {
  // All of ten are above it in one of 1024 cases: more than 0.05 %.
  expect(medianInterval([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 3.29)).toEqual({
    value: 5.5,
    lower: -Infinity,
    upper: Infinity,
  });
  expect(medianInterval([7], 1.96)).toEqual({ value: 7, lower: -Infinity, upper: Infinity });
});
