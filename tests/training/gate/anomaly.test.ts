import { describe, expect, test } from "vitest";
import { headlineMetrics } from "../../../registry/gate-report.ts";
import { judgeParity } from "../../../training/gate/checks/parity.ts";
import { type Policy, parsePolicy } from "../../../training/gate/policy.ts";
import { buildReport } from "../../../training/gate/report.ts";
import { renderPage } from "../../../training/gate/report-page/page.ts";
import { renderSummary } from "../../../training/gate/report-page/summary.ts";
import { parsePredictions } from "../../../training/gate/stored-predictions.ts";
import { decide } from "../../../training/gate/verdict.ts";
import { DISTANCE, expected, FOREST, judged, outcomesOf, rows, valuesOf } from "./detectors.ts";
import { withMetadata } from "./model-copy.ts";

const { k, recall, precision } = expected.at;

const RANKED = {
  rocAuc: { min: 0 },
  prAuc: { min: 0 },
  ks: { min: 0 },
  precisionAtK: { k, min: 0 },
  precisionAtRecall: { recall, min: 0 },
  recallAtPrecision: { precision, min: 0 },
};

describe("an isolation forest of scikit-learn, whose scores are low for anomalies", () => {
  const policy = { task: "anomaly", anomalyScores: "low" };

  test("has scikit-learn's metrics, with -1 as the anomaly's label", async () => {
    const bounds = { ...RANKED, recall: { min: 0 }, precision: { min: 0 }, f1: { min: 0 }, specificity: { min: 0 } };
    const found = await judged(FOREST, {
      ...policy,
      performance: { ...bounds, accuracy: { min: 0 }, mcc: { min: -1 } },
    });
    const ours = found.evaluation?.metrics ?? {};
    const theirs = expected["isolation-forest"];
    for (const name of [
      "accuracy",
      "precision",
      "recall",
      "f1",
      "specificity",
      "matthews_corrcoef",
      "roc_auc",
      "pr_auc",
      "ks",
    ])
      expect(ours[name], name).toBeCloseTo(theirs[name], 9);
    const values = new Map(found.checks.map(({ check, value }) => [check, value]));
    for (const [check, name] of [
      ["precisionAtK", `precision_at_${k}`],
      ["precisionAtRecall", `precision_at_recall_${recall}`],
      ["recallAtPrecision", `recall_at_precision_${precision}`],
    ] as const)
      expect(values.get(`performance.${check}`), name).toBeCloseTo(theirs[name], 9);
    // skl2onnx scores in float32.
    expect(ours.roc_auc).toBeCloseTo(expected["scikit-learn"].roc_auc, 2);
    expect(ours.roc_auc).toBeGreaterThan(0.8);
    expect(ours).not.toHaveProperty("log_loss");
  });

  test("rejects the wrong end of the scores, which contradicts the labels", async () => {
    const { checks } = await judged(FOREST, {
      ...policy,
      anomalyScores: "high",
      performance: { rocAuc: { min: 0.5 } },
    });
    expect(checks).toMatchObject([
      { check: "schema.answers", outcome: "fail", detail: expect.stringContaining("set it to low") },
    ]);
  });

  test("supports named classes, and -1 as one of the data's own", async () => {
    const named = rows.replaceAll(/^0,/gm, "fine,").replaceAll(/^1,/gm, "broken,");
    const bounds = { ...policy, performance: { recall: { min: 0 } } };
    const one = await judged(FOREST, bounds, {
      csv: named,
      format: { classes: ["fine", "broken"], positive: "broken" },
    });
    expect(one.evaluation?.metrics.recall).toBeCloseTo(expected["isolation-forest"].recall, 9);
    const signed = rows.replaceAll(/^1,/gm, "-1,").replaceAll(/^0,/gm, "1,");
    const two = await judged(FOREST, bounds, { csv: signed, format: { classes: [-1, 1], positive: -1 } });
    expect(two.evaluation?.metrics).toEqual(one.evaluation?.metrics);
  });

  test("supports baseline, champion, slices, robustness, data checks, latency and report", async () => {
    const all = {
      ...policy,
      performance: { prAuc: { min: 0.3, confidence: 0.95 } },
      baseline: { prAuc: { margin: 0.1 }, rocAuc: { margin: 0.1 } },
      champion: { first: "fail", rocAuc: { margin: 0.1 }, recall: { margin: 0.9 } },
      slices: {
        hot: { column: "temperature", cuts: [67], minSize: 10, accuracy: { min: 0.5 }, equalizedOdds: { max: 1 } },
      },
      robustness: { noise: { deviations: 0.01, flips: { max: 0.2 }, accuracyDrop: { max: 0.2 } } },
      latency: { single: { p95: { max: 1_000 } } },
      schema: { signature: {}, sizeMiB: { max: 10 } },
      data: { rows: { min: 100 } },
    };
    await using champion = await withMetadata(DISTANCE, { anomalyScores: "high" });
    const found = await judged(FOREST, all, { champion: champion.folder });
    expect(outcomesOf(found), JSON.stringify(valuesOf(found))).toEqual({
      "schema.sizeMiB": "pass",
      "performance.prAuc": "pass",
      "champion.rocAuc": expect.stringMatching(/pass|inconclusive/),
      "champion.recall": "inconclusive",
      "baseline.prAuc": "pass",
      "baseline.rocAuc": "pass",
      "schema.signature": "pass",
      "slices.hot.accuracy": "pass",
      "slices.hot.equalizedOdds": "pass",
      "robustness.noise.flips": "pass",
      "robustness.noise.accuracyDrop": "pass",
      "latency.single.p95": "pass",
      "data.rows": "pass",
    });
    expect(found.facts.baseline?.pr_auc).toBeCloseTo(0.1, 12);
    const report = reportOf(found, parsePolicy(all, "gate"));
    expect(report).toMatchObject({ task: "anomaly", confusion: { tp: expect.any(Number) } });
    expect(report.curves?.roc.length).toBeGreaterThan(2);
    expect(report.curves).not.toHaveProperty("calibration");
    expect(await renderPage(report)).toContain("isolation");
    expect(renderSummary(report)).toContain("Baseline (knows only the distribution of the truth):");
    expect(report.samples[0]).toMatchObject({ label: expect.toSatisfy((label) => label === 1 || label === -1) });
  });

  test("interprets perturbed rows that are all normal with the labels of the original rows", async () => {
    const robustness = { missing: { share: 1, flips: { max: 1 } } };
    const { checks, evaluation } = await judged(FOREST, { ...policy, robustness });
    if (evaluation?.task !== "binary") throw new Error("an evaluation was expected");
    const anomalies = Array.from(evaluation.predicted).filter((label) => label === 1).length / evaluation.rows;
    expect(checks).toMatchObject([{ check: "robustness.missing.flips", outcome: "pass", value: anomalies }]);
    expect(anomalies).toBeGreaterThan(0.05);
  });

  test("the trainer may store the labels -1 and 1, or 1 for an anomaly", async () => {
    const { evaluation } = await judged(FOREST, { ...policy, performance: { recall: { min: 0 } } });
    if (!evaluation) throw new Error("an evaluation was expected");
    const outcomes = (labels: readonly number[]) =>
      judgeParity(evaluation, parsePredictions(`label\n${labels.join("\n")}\n`, "p"), {
        flips: { max: 0 },
        difference: { max: 0 },
      }).map(({ outcome, detail }) => [outcome, detail]);
    const stored: number[] = expected.labels;
    expect(outcomes(stored)).toEqual([
      ["pass", expect.stringContaining("0.00")],
      ["inconclusive", "the trainer stored no score"],
    ]);
    expect(outcomes(stored.map((label) => (label === -1 ? 1 : 0)))[0]?.[0]).toBe("pass");
    expect(outcomes(stored.map((label) => -label))[0]?.[0]).toBe("fail");
  });

  test.each([
    ["low", "isolation-forest", FOREST],
    ["high", "distance", DISTANCE],
  ])(
    "compares scores that are %s for anomalies as the trainer's model returns them",
    async (anomalyScores, name, folder) => {
      const { evaluation } = await judged(folder, {
        task: "anomaly",
        anomalyScores,
        performance: { rocAuc: { min: 0 } },
      });
      if (!evaluation) throw new Error("an evaluation was expected");
      const parity = (stored: readonly number[]) =>
        judgeParity(evaluation, parsePredictions(`score\n${stored.join("\n")}\n`, "p"), {
          difference: { max: 1e-6, relative: 1e-5 },
        })[0];
      const scores: number[] = expected.scores[name];
      expect(parity(scores)).toMatchObject({
        check: "parity.difference",
        outcome: "pass",
        why: "300 predictions that the trainer stored: score",
      });
      expect(parity(scores.map((score) => -score))?.outcome).toBe("fail");
      expect(parity(scores.map((score, row) => (row === 7 ? score + 1 : score)))).toMatchObject({
        outcome: "fail",
        detail: expect.stringMatching(
          /^largest difference between a served score .* \(score, row 7: \S+ served, \S+ stored\)$/,
        ),
      });
    },
  );
});

describe("a detector that returns only a score, high for anomalies", () => {
  const policy = { task: "anomaly", anomalyScores: "high" };

  test("has scikit-learn's ranking metrics; metrics of labels fail and explain why", async () => {
    const found = await judged(DISTANCE, {
      ...policy,
      performance: { ...RANKED, recall: { min: 0 } },
      baseline: { rocAuc: { margin: 0.1 }, accuracy: { margin: 0 } },
      slices: { hot: { column: "temperature", cuts: [67], accuracy: { min: 0 } } },
      robustness: { noise: { deviations: 0.01, flips: { max: 1 } } },
    });
    for (const name of ["roc_auc", "pr_auc", "ks"])
      expect(found.evaluation?.metrics[name], name).toBeCloseTo(expected.distance[name], 9);
    expect(Object.keys(found.evaluation?.metrics ?? {}).sort()).toEqual(["ks", "pr_auc", "roc_auc"]);
    const details = new Map(found.checks.map(({ check, outcome, detail }) => [check, `${outcome}: ${detail}`]));
    const unlabelled = "not defined: the model returns only scores, and no labels";
    for (const check of ["performance.recall", "baseline.accuracy", "slices.hot.accuracy", "robustness.noise.flips"])
      expect(details.get(check), check).toMatch(new RegExp(`^fail: .*${unlabelled}`));
    expect(details.get("baseline.rocAuc")).toMatch(/^pass: /);
    expect(headlineMetrics(found.evaluation?.metrics ?? {})).toEqual({
      roc_auc: found.evaluation?.metrics.roc_auc,
      pr_auc: found.evaluation?.metrics.pr_auc,
    });
    const report = reportOf(found, parsePolicy({ ...policy, performance: RANKED }, "gate"));
    expect(report).not.toHaveProperty("confusion");
    expect(report.samples[0]).toMatchObject({ values: [expect.any(Number)] });
    expect(await renderPage(report)).toContain("roc_auc");
  });

  test("the wrong end ranks anomalies last: the area is below 0.5 and the gate fails", async () => {
    const found = await judged(DISTANCE, { ...policy, anomalyScores: "low", performance: { rocAuc: { min: 0.5 } } });
    expect(found.evaluation?.metrics.roc_auc).toBeCloseTo(1 - expected.distance.roc_auc, 9);
    expect(outcomesOf(found)).toEqual({ "performance.rocAuc": "fail" });
  });
});

function reportOf(found: Awaited<ReturnType<typeof judged>>, policy: Policy) {
  return buildReport({
    version: { name: "isolation", version: "1", runId: "r" },
    digest: "d",
    trustedDigest: "d",
    policy,
    champion: "",
    runtime: "",
    ...found,
    decision: decide(found.checks),
    judgedAt: new Date(0),
  });
}
