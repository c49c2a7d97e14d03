import { expect, test } from "vitest";
import { insteadOf, listedNames, nearName } from "../../data/near-name.ts";

test.each<[string, readonly string[], string | undefined]>([
  [" age", ["age", "ages"], "age"],
  ["age", ["Age", "age "], "age "],
  ["label", ["income", "lable"], "lable"],
  ["churn", ["income", "churned_in_2025"], "churned_in_2025"],
  ["signup-date", ["signup_date"], "signup_date"],
  // Other columns, not misspelled ones.
  ["f1", ["f2", "f10"], undefined],
  ["label", ["a", "b"], undefined],
  ["label", [], undefined],
])("takes %j of %j for %j", (name, known, expected) => {
  expect(nearName(name, known)).toBe(expected);
});

test("says what a table has instead of a column, spaces and all", () => {
  expect(insteadOf([" age"], ["age", "b"])).toBe('it has age, b. The nearest is "age", which differs in spaces');
  expect(insteadOf(["x", "lable"], ["a", "label"])).toBe('it has a, label. The nearest to "lable" is "label"');
  expect(insteadOf(["x"], ["a ", "b"])).toBe('it has "a ", b');
  expect(listedNames(["a", " b", ""])).toBe('a, " b", ""');
});

test("names the nearest of many columns, although it lists the first ones only", () => {
  const names = [...Array.from({ length: 200 }, (_, index) => `feature_${index}`), "lable"];
  const told = insteadOf(["label"], names);
  expect(told.length).toBeLessThan(300);
  expect(told).toMatch(/feature_1, .*…\. The nearest is "lable"$/);
});
