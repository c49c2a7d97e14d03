import { expect, test } from "vitest";
import { descendingOrder } from "../../../../training/gate/metrics/descending-order.ts";
import { seededRandom } from "../../../../training/gate/statistics/random.ts";

/** Sorts by comparison, and keeps the order of tied rows. */
const expected = (values: Float64Array) =>
  [...values.keys()].sort((a, b) => {
    const [one, other] = [values[a] as number, values[b] as number];
    return one === other ? a - b : one < other ? 1 : -1;
  });

const random = seededRandom(5);
const KINDS: [string, () => number][] = [
  ["float32", () => Math.fround(random.uniform())],
  ["few distinct values", () => random.below(7) - 3],
  ["both signs", () => random.normal() * 10 ** random.below(20)],
  ["differences below float32", () => 1 - random.below(50) * 2 ** -50],
  ["zeros of both signs", () => (random.below(2) === 0 ? -0 : 0)],
  [
    "infinities",
    () => [Number.POSITIVE_INFINITY, 1e300, 2e300, 0, Number.NEGATIVE_INFINITY][random.below(5)] as number,
  ],
];

test.each(KINDS)("sorts few and many rows of %s", (_, draw) => {
  for (const rows of [0, 1, 2, 500, 20_000]) {
    const values = Float64Array.from({ length: rows }, draw);
    expect([...descendingOrder(values)], `${rows} rows`).toEqual(expected(values));
  }
});

test("rejects NaN, and names the row", () => {
  for (const rows of [10, 20_000]) {
    const values = new Float64Array(rows);
    values[7] = Number.NaN;
    expect(() => descendingOrder(values)).toThrow("the score of row 7 is not a number");
  }
});
