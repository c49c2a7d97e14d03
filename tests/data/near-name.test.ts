import { expect, test } from "vitest";
import { insteadOf, listedNames, nearName } from "../../data/near-name.ts";

test.each<[string, readonly string[], string | undefined]>([
  [" age", ["age", "ages"], "age"],
  ["age", ["Age", "age "], "age "],
  ["label", ["income", "lable"], "lable"],
  ["churn", ["income", "churned_in_2025"], "churned_in_2025"],
  ["signup-date", ["signup_date"], "signup_date"],
  // Different columns, not typos.
  ["f1", ["f2", "f10"], undefined],
  ["label", ["a", "b"], undefined],
  ["label", [], undefined],
])("suggests %j among %j for %j", (name, known, expected) => {
  expect(nearName(name, known)).toBe(expected);
});

test("lists the existing columns, with visible spaces, in place of an absent one", () => {
  expect(insteadOf([" age"], ["age", "b"])).toBe('it has age, b. The nearest is "age", which differs only in spaces');
  expect(insteadOf(["x", "lable"], ["a", "label"])).toBe('it has a, label. The nearest to "lable" is "label"');
  expect(insteadOf(["x"], ["a ", "b"])).toBe('it has "a ", b');
  expect(listedNames(["a", " b", ""])).toBe('a, " b", ""');
});

test("names the nearest of many columns, even if it is not listed", () => {
  const names = [...Array.from({ length: 200 }, (_, index) => `feature_${index}`), "lable"];
  const hint = insteadOf(["label"], names);
  expect(hint.length).toBeLessThan(300);
  expect(hint).toMatch(/feature_1, .*…\. The nearest is "lable"$/);
});
