import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { denseTable } from "../../data/table.ts";
import { sampledAnswers } from "../../infra/deployment-check/sampled-answers.ts";
import { parseJudgedModel } from "../../registry/gate-report.ts";
import { isSameAnswer, sizesOf } from "../../registry/same-answer.ts";
import { createApp } from "../../service/app.ts";
import { PredictAnswer } from "../../service/contract.ts";
import { openPredictor } from "../../service/predictor/predictor.ts";
import { sampledAnswer } from "../../training/gate/answers/sample.ts";
import { MODEL } from "../service/helpers/test-app.ts";

const fixtures = join(import.meta.dirname, "../fixtures/parity");

/** The service's predictions for some rows, and the gate's for the same rows after its report was written and read. */
async function both(kind: string) {
  const predictor = await openPredictor(join(fixtures, kind));
  const { rows } = JSON.parse(await readFile(join(fixtures, kind, "expected.json"), "utf8")) as { rows: number[][] };
  const app = createApp({ predictor, model: MODEL, limits: { maxRows: 100, maxBodyBytes: 1e6 } });
  const body = JSON.stringify({ features: rows });
  const response = await app.request("/predict", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  const served = sampledAnswers(PredictAnswer.parse(await response.json()));
  const table = denseTable(predictor.signature.inputs, Float32Array.from(rows.flat()), rows.length);
  const prediction = await predictor.predict(table);
  const samples = rows.map((features, row) => ({ features, ...sampledAnswer(prediction, row) }));
  await predictor.close();
  const report = JSON.parse(JSON.stringify({ format: "gate-report/2", samples }));
  return { served, judged: parseJudgedModel(report).samples.map(({ answer }) => answer) };
}

test.each([
  ["isolation-forest", { label: expect.any(Number), positive: null, scores: [expect.any(Number)] }],
  ["linear-svc", { positive: null, scores: [expect.any(Number), expect.any(Number), expect.any(Number)] }],
  ["iris-texts", { label: expect.any(String), positive: expect.any(Number) }],
  ["gradient-boosting-regressor", { values: [expect.any(Number)] }],
])("the service's answers are held against all that the gate saw of %s", async (kind, shape) => {
  const { served, judged } = await both(kind);
  expect(judged[0]).toMatchObject(shape);
  expect(judged.length).toBeGreaterThan(5);
  for (const [row, answer] of judged.entries()) expect(isSameAnswer(served[row], answer), String(row)).toBe(true);
});

test("another score with the same label is a difference; without scores in the report, only labels are compared", async () => {
  const { served, judged } = await both("isolation-forest");
  const [answer] = judged;
  if (!answer || "values" in answer || !answer.scores) throw new Error("scores were expected");
  const [score = 0] = answer.scores;
  expect(isSameAnswer(served[0], { ...answer, scores: [score + 1e-3] })).toBe(false);
  const { scores: _, ...earlier } = answer;
  expect(isSameAnswer(served[0], earlier)).toBe(true);
});

test("a number beyond 2^53 that the service returns as text equals the gate's number", () => {
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

test("a score may differ by the rounding of the largest score, but not by more", () => {
  const answer = (score: number) => ({ label: 1, positive: null, scores: [score] });
  const sizes = sizesOf([answer(6.37), answer(-178)]);
  expect(sizes).toEqual([178]);
  expect(isSameAnswer(answer(6.3698), answer(6.36995), sizes)).toBe(true);
  expect(isSameAnswer(answer(6.3698), answer(6.36995))).toBe(false);
  expect(isSameAnswer(answer(6.3698), answer(6.3705), sizes)).toBe(false);
  expect(isSameAnswer({ ...answer(6.3698), label: 0 }, answer(6.3698), sizes)).toBe(false);
});
