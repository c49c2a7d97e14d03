import type { Confusion, ConfusionCounts } from "../confusion-counts.ts";
import type { Curves } from "../curves.ts";
import type { Evaluation } from "../evaluation.ts";
import type { Facts, FeatureDrift, LatencyFacts, SliceFacts } from "../facts.ts";
import type { ScatterPoint } from "../scatter.ts";
import { binaryMatrix, confusionFigure } from "./confusion-figure.ts";
import { type Chart, COLOURS } from "./draw.ts";
import { type Figure, nominal, quantitative, round, size, sizeByRows, unit } from "./figure.ts";
import { actualAgainstPredicted, residuals } from "./regression-figures.ts";

/** What the figures are drawn of; each figure is there when its numbers are. */
export interface Drawable {
  readonly metrics?: Partial<Evaluation["metrics"]> | undefined;
  readonly confusion?: Confusion | undefined;
  readonly confusionMatrix?: ConfusionCounts | undefined;
  readonly scatter?: readonly ScatterPoint[] | undefined;
  readonly curves?: Curves | undefined;
  readonly facts?: Facts | undefined;
}

/** The figures of a report, in reading order. */
export function figures({ metrics = {}, confusion, confusionMatrix, scatter, curves, facts = {} }: Drawable): Figure[] {
  return [
    ...(confusion ? [confusionFigure(binaryMatrix(confusion))] : []),
    ...(confusionMatrix ? [confusionFigure(confusionMatrix)] : []),
    ...(scatter && scatter.length > 0 ? [actualAgainstPredicted(scatter), residuals(scatter)] : []),
    ...(curves && curves.roc.length > 1 ? [rocCurve(curves, metrics.roc_auc)] : []),
    ...(curves && curves.precisionRecall.length > 0 ? [precisionRecall(curves, metrics.pr_auc)] : []),
    ...(curves ? [calibration(curves, metrics.ece), scores(curves)] : []),
    ...(facts.slices ?? []).map(groups),
    ...(facts.drift && facts.drift.length > 0 ? [drift(facts.drift)] : []),
    ...(facts.latency ? [latency(facts.latency)] : []),
  ];
}

/** A line on the unit square, beside the diagonal or another line that says what no skill is. */
function unitCurve(values: object[], x: string, y: string, titles: [string, string], ends?: object[]): Chart {
  const encoding = {
    x: { field: x, type: quantitative, scale: unit, title: titles[0] },
    y: { field: y, type: quantitative, scale: unit, title: titles[1] },
  };
  const baseline = {
    data: { values: ends ?? [] },
    mark: { type: "line" as const, stroke: COLOURS.faint, strokeDash: [4, 3] },
    encoding,
  };
  const curve = {
    data: { values },
    mark: { type: "line" as const, stroke: COLOURS.accent, strokeWidth: 2 },
    encoding: { ...encoding, order: { field: "order", type: quantitative } },
  };
  return { ...size, layer: ends ? [baseline, curve] : [curve] };
}

function rocCurve({ roc }: Curves, area: number | undefined): Figure {
  const values = roc.map(({ falsePositiveRate: x, truePositiveRate: y }, order) => ({ x, y, order }));
  const told = area === undefined ? "" : ` Area ${round(area)}; 0.5 is chance (dashed), 1 is perfect.`;
  const chart = unitCurve(values, "x", "y", ["false positive rate", "true positive rate"], DIAGONAL);
  return { title: "ROC", caption: `What each threshold costs and gains.${told}`, chart };
}

function precisionRecall({ precisionRecall: points }: Curves, area: number | undefined): Figure {
  const values = points.map(({ recall: x, precision: y }, order) => ({ x, y, order }));
  const told = area === undefined ? "" : ` Average precision ${round(area)}.`;
  const chart = unitCurve(values, "x", "y", ["recall", "precision"]);
  return { title: "Precision and recall", caption: `By falling threshold.${told}`, chart };
}

const DIAGONAL = [
  { x: 0, y: 0 },
  { x: 1, y: 1 },
];

function calibration({ calibration: bins }: Curves, error: number | undefined): Figure {
  const values = bins.map(({ predicted: x, observed: y, rows }) => ({ x, y, rows }));
  const encoding = {
    x: { field: "x", type: quantitative, scale: unit, title: "probability that the model gave" },
    y: { field: "y", type: quantitative, scale: unit, title: "share that was positive" },
  };
  const told = error === undefined ? "" : ` Expected calibration error ${round(error)}.`;
  return {
    title: "Calibration",
    caption: `On the dashed line, of the rows with probability p a share of p is positive; dots grow with their rows.${told}`,
    chart: {
      ...size,
      layer: [
        { data: { values: DIAGONAL }, mark: { type: "line", stroke: COLOURS.faint, strokeDash: [4, 3] }, encoding },
        { data: { values }, mark: { type: "line", stroke: COLOURS.accent }, encoding },
        {
          data: { values },
          mark: { type: "circle", fill: COLOURS.accent, opacity: 1 },
          encoding: { ...encoding, size: { field: "rows", type: quantitative, legend: null } },
        },
      ],
    },
  };
}

function scores({ histogram }: Curves): Figure {
  const bars = (name: "class 0" | "class 1", counts: readonly number[]) =>
    counts.map((rows, bin) => ({ from: bin / counts.length, to: (bin + 1) / counts.length, rows, class: name }));
  return {
    title: "Scores by class",
    caption: "How many rows of each true class got which probability of class 1. The less they overlap, the better.",
    chart: {
      ...size,
      data: { values: [...bars("class 0", histogram.negatives), ...bars("class 1", histogram.positives)] },
      mark: { type: "bar", fillOpacity: 0.55 },
      encoding: {
        x: { field: "from", bin: { binned: true }, type: quantitative, scale: unit, title: "probability of class 1" },
        x2: { field: "to" },
        y: { field: "rows", type: quantitative, stack: null, title: "rows" },
        fill: { field: "class", type: nominal, scale: { range: [COLOURS.other, COLOURS.accent] } },
      },
    },
  };
}

function groups({ name, column, groups: found }: SliceFacts): Figure {
  const isRegression = found.some(({ rmse }) => typeof rmse === "number");
  const measure = isRegression ? "root mean squared error" : "accuracy";
  const values = found
    .map((group) => ({ ...group, value: isRegression ? group.rmse : group.accuracy }))
    .filter(({ value }) => typeof value === "number")
    .map(({ name: group, rows, small, value }) => ({
      ...{ group: `${group} (${rows})`, value, kind: small ? "too few to judge" : "judged" },
    }));
  return {
    title: `Groups: ${name}`,
    caption: `${measure[0]?.toUpperCase()}${measure.slice(1)} by group of ${column}, with the rows of each.${found.some(({ small }) => small) ? " Grey: too few rows to be judged." : ""}`,
    chart: {
      ...{ data: { values }, ...sizeByRows(26) },
      mark: { type: "bar" },
      encoding: {
        y: { field: "group", type: nominal, sort: null, title: null, axis: { labelLimit: 260 } },
        x: { field: "value", type: quantitative, ...(!isRegression && { scale: unit }), title: measure },
        fill: {
          field: "kind",
          type: nominal,
          scale: { domain: ["judged", "too few to judge"], range: [COLOURS.accent, COLOURS.faint] },
          legend: null,
        },
      },
    },
  };
}

function drift(features: readonly FeatureDrift[]): Figure {
  const worst = features.reduce((a, b) => (b.psi > a.psi ? b : a));
  return {
    title: "Drift by feature",
    caption: `Population stability index of the evaluation data against the reference; 0 is none. Largest: ${worst.feature}, ${round(worst.psi)}${worst.adjusted === undefined ? "" : ` (Kolmogorov-Smirnov adjusted p ${worst.adjusted.toPrecision(2)})`}.`,
    chart: {
      ...{ data: { values: features.map(({ feature, psi }) => ({ feature, psi })) }, ...sizeByRows(18) },
      mark: { type: "bar", fill: COLOURS.accent },
      encoding: {
        y: { field: "feature", type: nominal, sort: null, title: null },
        x: { field: "psi", type: quantitative, title: "PSI" },
      },
    },
  };
}

function latency({ single, batch, throughput }: LatencyFacts): Figure {
  const values = [single, batch].flatMap(({ rows, p50, p95, p99 }) =>
    Object.entries({ p50, p95, p99 }).map(([quantile, ms]) => ({
      ...{ quantile, ms, call: rows === 1 ? "1 row a call" : `${rows} rows a call` },
    })),
  );
  return {
    title: "Latency",
    caption: `Of the serving predictor, warm, in milliseconds. Throughput ${Math.round(throughput)} rows a second in calls of ${batch.rows}.`,
    chart: {
      ...{ data: { values }, ...size },
      mark: { type: "bar" },
      encoding: {
        x: { field: "quantile", type: nominal, title: null, axis: { labelAngle: 0 } },
        xOffset: { field: "call", sort: null },
        y: { field: "ms", type: quantitative, title: "milliseconds" },
        fill: { field: "call", type: nominal, sort: null, scale: { range: [COLOURS.accent, COLOURS.other] } },
      },
    },
  };
}
