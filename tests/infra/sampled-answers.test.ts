import { expect, test } from "vitest";
import { isSameAnswer, sampledAnswers } from "../../infra/deployment-check/sampled-answers.ts";

test("a number beyond 2^53 that the service answers as text is the gate's number", () => {
  const same = (predictions: (string | number | string[])[], wanted: number) =>
    isSameAnswer(sampledAnswers({ predictions })[0], { values: [wanted] });
  expect(same(["9007199254740993"], Number(9007199254740993n))).toBe(true);
  expect(same([["9007199254740993"]], Number(9007199254740993n))).toBe(true);
  expect(same([7], 7)).toBe(true);
  expect(same(["8007199254740993"], Number(9007199254740993n))).toBe(false);
  expect(same(["seven"], 7)).toBe(false);
  const label = { label: "9007199254740993", positive: null };
  expect(isSameAnswer(sampledAnswers({ predictions: ["9007199254740993"] })[0], label)).toBe(true);
});
