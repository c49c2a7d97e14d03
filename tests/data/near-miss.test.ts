import { expect, test } from "vitest";
import { nearMiss } from "../../data/near-name.ts";

test.each([
  ["income", "Income"],
  ["income", "incmoe"],
  ["bill_length_mm", "bill length-mm"],
  ["age_years", "ageyears"],
  ["plan", "plans"],
  ["age", "aeg"],
])("%s may be meant by %s", (column, given) => {
  expect(nearMiss([column], ["other", given])).toEqual({ column, given });
});

test.each([
  ["age", "wage"],
  ["f1", "f2"],
  ["income_2023", "income_2024"],
  ["plan", "loan_"],
  ["income", "outcome"],
  ["bill_length_mm", "bill_depth_mm"],
])("%s is a different name than %s", (column, given) => {
  expect(nearMiss([column], [given])).toBeUndefined();
});

test("compares a bounded number of names of bounded length", () => {
  const many = Array.from({ length: 100_000 }, (_, index) => `${"x".repeat(50)}${index}`);
  const start = performance.now();
  expect(nearMiss(["income", "x".repeat(101)], [...many, "incmoe", "x".repeat(100_000)])).toBeUndefined();
  expect(performance.now() - start).toBeLessThan(500);
});
