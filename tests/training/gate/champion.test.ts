import { expect, test } from "vitest";
import { type Champion, championPolicy, judgeChampion } from "../../../training/gate/checks/champion.ts";
import type { Evaluation } from "../../../training/gate/evaluation.ts";
import type { AnsweredRows } from "../../../training/gate/metrics/answered-rows.ts";
import { metricsOf } from "../../../training/gate/metrics/metrics-of.ts";
import { type BinaryEvaluation, evaluationWith } from "./evaluation-with.ts";
import { randomRows } from "./metrics/random-rows.ts";

const ROWS = 1_000;
const evaluated = (rows: AnsweredRows): Evaluation => ({ ...rows, sumError: 0, samples: [], metrics: metricsOf(rows) });

/** Correct on all rows except those from `from` to `to`. */
function wrongOn(from: number, to: number): BinaryEvaluation {
  const labels = Int32Array.from({ length: ROWS }, (_, row) => row % 2);
  const predicted = labels.map((label, row) => (row >= from && row < to ? 1 - label : label));
  const positive = Float64Array.from(predicted, (label) => (label ? 0.9 : 0.1));
  return { ...evaluationWith(1 - (to - from) / ROWS), rows: ROWS, labels, predicted, positive };
}
const champion = (evaluation: Evaluation | string): Champion => ({ version: "7", sha256: "c", evaluation });
const judge = (ours: Evaluation, theirs: Champion | undefined, margin = 0.01) =>
  judgeChampion(ours, theirs, championPolicy.parse({ first: "pass", accuracy: { margin } }))[0];

// An interval of [0, 0] would pass, but 30 rows without a discordant one cannot rule out a difference of 0.02.
test("a candidate as accurate as the champion passes only with a margin that these rows can resolve", () => {
  const same = (margin: number) => judge(wrongOn(0, 100), champion(wrongOn(0, 100)), margin);
  expect(same(0.01)).toMatchObject({ outcome: "pass", value: 0 });
  // Tango's interval without a discordant row is -+ z^2 / (rows + z^2).
  const end = 1.959963984540054 ** 2 / (ROWS + 1.959963984540054 ** 2);
  expect(same(0.01)?.interval?.[0]).toBeCloseTo(-end, 12);
  expect(same(0.003)).toMatchObject({
    outcome: "inconclusive",
    detail: expect.stringMatching(/an equally good model needs about 3,400 rows to pass in 80 % of cases$/),
  });
});

const many = evaluated(randomRows.multiclass(200, 1, 3));
const values = evaluated(randomRows.regression(500));
const graded = (row: number) => ({
  ...wrongOn(0, 100),
  positive: Float64Array.from(wrongOn(0, 100).labels, (label, at) =>
    at === row ? 0.5 : 0.1 + 0.8 * label - at * 1e-5,
  ),
});

test.each([
  ["binary", graded(-1), { accuracy: { margin: 0 }, rocAuc: { margin: 0 }, logLoss: { margin: 0 } }],
  ["multiclass", many, { macroF1: { margin: 0 }, rocAucOvr: { margin: 0 }, calibrationError: { margin: 0 } }],
  ["regression", values, { rmse: { margin: 0 }, medianAe: { margin: 0 } }],
])("identical predictions of a %s model pass with any margin", (_, evaluation, margins) => {
  const policy = championPolicy.parse({ first: "pass", ...margins });
  const results = judgeChampion(evaluation, champion(structuredClone(evaluation)), policy);
  expect(results).toHaveLength(Object.keys(margins).length);
  for (const result of results) {
    expect(result).toMatchObject({ outcome: "pass", value: 0 });
    expect(result.detail).toContain(`their predictions are identical for all ${evaluation.rows} rows`);
    // Has no interval, so it belongs to no family.
    expect(result).not.toHaveProperty("interval");
  }
});

test("a single different number, different classes, or only labels require an interval", () => {
  const isSame = (ours: Evaluation, theirs: Evaluation) =>
    judge(ours, champion(theirs), 0)?.detail.includes("identical");
  expect(isSame(graded(-1), graded(-1))).toBe(true);
  expect(isSame(graded(-1), graded(7))).toBe(false);
  expect(isSame(graded(-1), { ...graded(-1), classes: ["no", "yes"] })).toBe(false);
  // Its probabilities contain no more information than its labels.
  expect(isSame(wrongOn(0, 100), wrongOn(0, 100))).toBe(false);
  const { positive: _, ...unsure } = graded(-1);
  expect(isSame(unsure, unsure)).toBe(false);
  expect(judge(unsure, champion(unsure), 0)?.outcome).toBe("inconclusive");
});

test("passes a better candidate, and fails one that is significantly worse", () => {
  expect(judge(wrongOn(0, 50), champion(wrongOn(0, 150)))).toMatchObject({ outcome: "pass" });
  expect(judge(wrongOn(0, 150), champion(wrongOn(0, 50)))).toMatchObject({
    check: "champion.accuracy",
    outcome: "fail",
    required: true,
    bound: -0.01,
    confidence: 0.95,
    detail: expect.stringContaining("accuracy 0.85 is 0.10 worse than 0.95 for champion version 7"),
    why: expect.stringContaining("only the candidate is right on 0 rows, only the champion on 100"),
  });
});

test("is inconclusive with too few rows, and a wider margin decides", () => {
  // 25 rows lost, 20 gained.
  const [ours, theirs] = [wrongOn(0, 125), wrongOn(25, 145)];
  expect(judge(ours, champion(theirs))).toMatchObject({ outcome: "inconclusive" });
  expect(judge(ours, champion(theirs), 0.03)).toMatchObject({ outcome: "pass" });
});

test("without a champion, the policy's first decides", () => {
  for (const first of ["pass", "fail"] as const)
    expect(judgeChampion(wrongOn(0, 1), undefined, { first, accuracy: { margin: 0 } })).toMatchObject([
      {
        check: "champion.first",
        outcome: first,
        detail: expect.stringContaining("no version is in production"),
      },
    ]);
});

test("a champion that cannot predict these rows makes the check inconclusive", () => {
  expect(judge(wrongOn(0, 1), champion("cannot predict these rows: x"))).toMatchObject({
    outcome: "inconclusive",
    detail: "champion version 7 cannot predict these rows: x",
  });
});

test("reports an improvement of a loss as a positive difference, from the rows' differences", () => {
  const policy = championPolicy.parse({ first: "pass", logLoss: { margin: 0.05, level: "advisory" } });
  const withLoss = (evaluation: Evaluation, log_loss: number) => ({
    ...evaluation,
    metrics: { ...evaluation.metrics, log_loss },
  });
  const one = (wrong: number) => wrong * -Math.log(0.1) + (1 - wrong) * -Math.log(0.9);
  const [better, worse] = [withLoss(wrongOn(0, 50), one(0.05)), withLoss(wrongOn(0, 150), one(0.15))];
  expect(judgeChampion(better, champion(worse), policy)[0]).toMatchObject({ outcome: "pass", required: false });
  const [result] = judgeChampion(worse, champion(better), policy);
  expect(result).toMatchObject({ outcome: "fail", why: expect.stringContaining("mean of the rows' differences") });
  expect(result?.value).toBeCloseTo(-0.1 * (Math.log(0.9) - Math.log(0.1)), 9);
  expect(judgeChampion(worse, champion(better), policy)).toEqual([result]);
});

test.each([
  [{ accuracy: { margin: 0 } }, "must be pass or fail"],
  [{ first: "pass" }, "must name at least one metric"],
  [{ first: "pass", maxError: { margin: 1 } }, "compare rmse, mae, medianAe"],
  [{ first: "pass", accuracy: {} }, "expected number"],
  [{ first: "pass", accuracy: { margin: -1 } }, "must not be negative"],
])("rejects the policy %j", (policy, message) => {
  expect(() => championPolicy.parse(policy)).toThrow(message);
});
