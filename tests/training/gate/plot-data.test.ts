import { expect, test } from "vitest";
import { confusedPairs } from "../../../training/gate/confusion-counts.ts";
import type { BinaryRows, RegressionRows } from "../../../training/gate/metrics/answered-rows.ts";
import { calibrationBins } from "../../../training/gate/metrics/calibration-bins.ts";
import { metricsByClass, metricsOf } from "../../../training/gate/metrics/metrics-of.ts";
import { plotData } from "../../../training/gate/plot-data.ts";
import { renderPage } from "../../../training/gate/report-page/page.ts";
import { binaryRows, evaluationOf, multiclassRows, regressionRows, reportOf } from "../../fixtures/gate/reports.ts";

const names = (classes: number) => Array.from({ length: classes }, (_, index) => `class-${index}`);

test("the results of classes equal the metrics of each class against the others", () => {
  const rows = multiclassRows(400, ["a", "b", "c"], 1.5);
  if (rows.task !== "multiclass") throw new Error("not multiclass");
  const weights = Float64Array.from({ length: 400 }, (_, row) => row % 3);
  const { classes = [] } = plotData({ ...evaluationOf(rows), weights });
  const expected = metricsByClass(rows, weights, ["precision", "recall", "f1"]);
  expect(classes.map(({ name, precision, recall, f1 }) => [name, { precision, recall, f1 }])).toEqual([...expected]);
  expect(classes.reduce((sum, one) => sum + one.rows, 0)).toBe(400);
});

test("calibrates each class against the others, with the bins of a binary model", () => {
  const rows = multiclassRows(500, ["a", "b", "c"], 1.5);
  if (rows.task !== "multiclass" || !rows.probabilities) throw new Error("not multiclass");
  const { labels, probabilities } = rows;
  const own = Array.from({ length: 500 }, (_, row) => probabilities[row * 3 + 1] as number);
  const expected = calibrationBins(
    Array.from(labels, (label) => (label === 1 ? 1 : 0)),
    own,
  );
  expect(plotData(evaluationOf(rows)).classes?.[1]?.calibration).toEqual(expected);
});

test("bins, ROC and PR curves weight the rows, like the areas and errors next to them", () => {
  const rows = binaryRows(150, 1) as BinaryRows;
  const weights = Float64Array.from({ length: 150 }, (_, row) => row % 4);
  const repeated = Array.from({ length: 150 }, (_, row) => new Array<number>(row % 4).fill(row)).flat();
  const pick = <Values extends Float64Array | Uint8Array>(values: Values | undefined) =>
    (values as Float64Array).constructor === Float64Array
      ? Float64Array.from(repeated, (row) => values?.[row] as number)
      : Uint8Array.from(repeated, (row) => values?.[row] as number);
  const positive = pick(rows.positive as Float64Array) as Float64Array;
  const plain: BinaryRows = {
    ...rows,
    rows: repeated.length,
    positive,
    scores: positive,
    labels: pick(rows.labels as Uint8Array) as Uint8Array,
    predicted: pick(rows.predicted as Uint8Array) as Uint8Array,
  };
  const [weighted, twice] = [plotData({ ...evaluationOf(rows), weights }).curves, plotData(evaluationOf(plain)).curves];
  expect(twice?.calibration?.length).toBeGreaterThan(5);
  expect(weighted?.calibration?.map(({ observed }) => observed)).toEqual(
    twice?.calibration?.map(({ observed }) => expect.closeTo(observed, 12)),
  );
  // Rows of weight 0 add points that repeat the previous one.
  const distinct = (curve: typeof weighted) => new Set(curve?.roc.map((point) => JSON.stringify(point)));
  for (const point of distinct(twice)) expect(distinct(weighted)).toContain(point);
});

test("keeps the most confused pairs of many classes, and at most 60 classes", () => {
  const few = plotData(evaluationOf(multiclassRows(2_000, names(60), 3)));
  expect(few.confusionMatrix?.counts).toHaveLength(60);
  expect(few.confusedPairs).toBeUndefined();
  const many = plotData(evaluationOf(multiclassRows(20_000, names(200), 3), ["accuracy"]));
  expect(many.confusionMatrix).toBeUndefined();
  expect(many.confusedPairs?.pairs).toHaveLength(20);
  expect(many.confusedPairs?.rows).toBe(20_000);
  expect(many.classes).toHaveLength(60);
  expect(many.classes?.filter(({ calibration }) => calibration)).toHaveLength(12);
});

test("counts pairs also in a matrix with other classes", () => {
  const ours = confusedPairs({
    classes: ["a", "b"],
    counts: [
      [5, 3],
      [1, 6],
    ],
  });
  expect(ours).toEqual({
    rows: 15,
    right: 11,
    pairs: [
      { actual: "a", predicted: "b", rows: 3 },
      { actual: "b", predicted: "a", rows: 1 },
    ],
  });
  const theirs = confusedPairs(
    {
      classes: ["b", "c"],
      counts: [
        [9, 2],
        [4, 0],
      ],
    },
    ours.pairs,
  );
  expect(theirs.pairs.map(({ rows }) => rows)).toEqual([0, 0]);
});

const quantileModel: RegressionRows = {
  task: "regression",
  rows: 4,
  targets: ["q10", "q90"],
  truth: Float64Array.of(1, 1, 2, 2, 3, 3, 4, 4),
  predicted: Float64Array.of(0, 2, 1, 3, 4, 5, 1, 3),
};

test("compares the observed share of quantile outputs with the policy's nominal share", () => {
  const performance = {
    pinball: { quantile: 0.9, target: "q90", max: 5 },
    coverage: { lower: "q10", upper: "q90", min: 0.7, max: 0.9 },
  };
  expect(plotData(evaluationOf(quantileModel), { performance }).quantiles).toEqual([
    { name: "up to q90", least: 0.9, most: 0.9, answered: 0.75 },
    { name: "q10 to q90", least: 0.7, most: 0.9, answered: 0.5 },
  ]);
  expect(plotData(evaluationOf(quantileModel))).not.toHaveProperty("quantiles");
  const unknown = { coverage: { ...performance.coverage, lower: "q05" } };
  expect(plotData(evaluationOf(quantileModel), { performance: unknown })).not.toHaveProperty("quantiles");
});

test("lists errors by target, and plots the four targets that the model explains least", () => {
  const rows = regressionRows(1_000, ["a", "b", "c", "d", "e", "f"], 5) as RegressionRows;
  // The third target is nearly exact.
  for (let row = 0; row < 1_000; row++) rows.predicted[row * 6 + 2] = (rows.truth[row * 6 + 2] as number) + 1e-6;
  const { scatter = [], targets = [] } = plotData(evaluationOf(rows));
  expect(targets.map(({ name }) => name)).toEqual(["a", "b", "c", "d", "e", "f"]);
  const plotted = new Set(scatter.map(({ target }) => target));
  expect(plotted.size).toBe(4);
  expect(plotted).not.toContain("c");
  expect(scatter).toHaveLength(800);
  expect(metricsOf(rows).root_mean_squared_error).toBeCloseTo(
    targets.reduce((sum, { metrics }) => sum + (metrics.root_mean_squared_error ?? 0) / 6, 0),
  );
});

test("the champion's plots have the same classes, pairs and targets, and exist only if it was evaluated", () => {
  const ours = multiclassRows(20_000, names(100), 3, 1);
  const report = reportOf({ ours, theirs: multiclassRows(20_000, names(100), 2.5, 2), keys: ["accuracy"] });
  const { championDrawn, confusedPairs: pairs, classes } = report;
  expect(championDrawn).toMatchObject({ version: "2" });
  const pairsOf = (found = pairs) => found?.pairs.map(({ actual, predicted }) => `${actual} ${predicted}`);
  expect(pairsOf(championDrawn?.confusedPairs)).toEqual(pairsOf());
  expect(championDrawn?.classes?.map(({ name }) => name)).toEqual(classes?.map(({ name }) => name));
  expect(reportOf({ ours, keys: ["accuracy"] })).not.toHaveProperty("championDrawn");
  const regression = reportOf({
    ours: regressionRows(1_000, ["a", "b", "c", "d", "e"], 5),
    theirs: regressionRows(1_000, ["a", "b", "c", "d", "e"], 9, 2),
  });
  const textOf = (points = regression.scatter) => points?.map(({ target, actual }) => `${target} ${actual}`);
  expect(textOf(regression.championDrawn?.scatter)).toEqual(textOf());
});

test.each([
  ["binary", binaryRows(100_000, 1), binaryRows(100_000, 0.9, 2)],
  ["60 classes", multiclassRows(100_000, names(60), 2), multiclassRows(100_000, names(60), 1.9, 2)],
  ["20 classes", multiclassRows(100_000, names(20), 2), multiclassRows(100_000, names(20), 1.9, 2)],
  ["300 classes", multiclassRows(100_000, names(300), 2), multiclassRows(100_000, names(300), 1.9, 2)],
  ["a regression", regressionRows(100_000, ["y"], 5), regressionRows(100_000, ["y"], 6, 2)],
  ["8 targets", regressionRows(100_000, [..."abcdefgh"], 5), regressionRows(100_000, [..."abcdefgh"], 6, 2)],
] as const)("the report on 100,000 rows stays below 1 MB, as JSON and as a page: %s", async (_, ours, theirs) => {
  const report = reportOf({ ours, theirs, keys: ["accuracy", "rmse"] });
  for (const written of [JSON.stringify(report, null, 2), await renderPage(report)]) {
    expect(Buffer.byteLength(written)).toBeGreaterThan(5_000);
    expect(Buffer.byteLength(written)).toBeLessThan(1_000_000);
  }
});
