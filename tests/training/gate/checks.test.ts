import { expect, test } from "vitest";
import { formatRatio } from "../../../training/gate/check.ts";
import { accuracy } from "../../../training/gate/checks/accuracy.ts";
import { decide } from "../../../training/gate/verdict.ts";
import { evaluationWith } from "./evaluation-with.ts";

test.each([
  [359 / 400, 0.9, false, "accuracy 0.8975 < 0.90 required"],
  [359 / 400, 0.85, true, "accuracy 0.8975 >= 0.85 required"],
  [0.9, 0.9, true, "accuracy 0.90 >= 0.90 required"],
  [1, 1, true, "accuracy 1.00 >= 1.00 required"],
  [0, 0, true, "accuracy 0.00 >= 0.00 required"],
  [1 / 3, 0.5, false, "accuracy 0.333333 < 0.50 required"],
  [0.89999999, 0.9, false, "accuracy 0.89999999 < 0.90 required"],
  [Number.NaN, 0, false, "accuracy NaN < 0.00 required"],
])("judges an accuracy of %d against %d", (value, min, passed, detail) => {
  const result = accuracy.judge(evaluationWith(value), { min });
  expect(result).toEqual({ check: "accuracy", passed, detail, value, bound: min });
});

test.each([
  [0.9, "0.90"],
  [0.29, "0.29"],
  [0.8975, "0.8975"],
  [0.1 + 0.2, "0.30"],
  [1, "1.00"],
])("writes %d as %s", (value, text) => {
  expect(formatRatio(value)).toBe(text);
});

const good = { check: "a", passed: true, detail: "a is good" };
const bad = { check: "b", passed: false, detail: "b is bad" };
const worse = { check: "c", passed: false, detail: "c is bad" };

test("passes when every check does, and tells all of them", () => {
  expect(decide([good, { ...good, detail: "d is good" }])).toEqual({
    verdict: "passed",
    summary: "a is good; d is good",
  });
});

test("fails when one check does, and names every failed check and no other", () => {
  expect(decide([good, bad, worse])).toEqual({ verdict: "failed", summary: "b is bad; c is bad" });
});

test("fails a gate that checked nothing", () => {
  expect(decide([])).toEqual({ verdict: "failed", summary: "no check was made" });
});
