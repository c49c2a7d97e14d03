import type { FeatureDrift, LatencyFacts } from "../facts.ts";
import type { GateReport } from "../report.ts";
import { classFigures } from "./class-figures.ts";
import { confusionFigures } from "./confusion-figures.ts";
import { curveFigures } from "./curve-figures.ts";
import { COLOURS } from "./draw.ts";
import { type Figure, NAME_LIMIT, nominal, quantitative, round, size, sizeByRows } from "./figure.ts";
import { groupFigures } from "./group-figures.ts";
import { regressionFigures } from "./regression-figures.ts";
import { versionsOf } from "./versions.ts";

/** The figures of a report, in reading order; each is there when its numbers are. */
export function figures(report: GateReport): Figure[] {
  const versions = versionsOf(report);
  const { negative = 0, positive = 1 } = report.evaluation.classes ?? {};
  const { drift, latency } = report.facts;
  const classNames = report.evaluation.classes
    ? ([String(negative), String(positive)] as const)
    : (["class 0", "class 1"] as const);
  return [
    ...confusionFigures(versions, [negative, positive]),
    ...classFigures(versions),
    ...regressionFigures(versions),
    ...curveFigures(versions, classNames),
    ...groupFigures(versions),
    ...(drift && drift.length > 0 ? [driftFigure(drift)] : []),
    ...(latency ? [latencyFigure(latency)] : []),
  ];
}

/** More bars are too many to compare. */
const MOST_FEATURES = 40;

function driftFigure(features: readonly FeatureDrift[]): Figure {
  const worst = features.reduce((a, b) => (b.psi > a.psi ? b : a));
  const isCut = features.length > MOST_FEATURES;
  const shown = isCut ? features.toSorted((a, b) => b.psi - a.psi).slice(0, MOST_FEATURES) : features;
  return {
    title: "Drift by feature",
    caption: `Population stability index of the evaluation data against the reference; 0 is none. Largest: ${worst.feature}, ${round(worst.psi)}${worst.adjusted === undefined ? "" : ` (Kolmogorov-Smirnov adjusted p ${worst.adjusted.toPrecision(2)})`}.${isCut ? ` The ${MOST_FEATURES} largest of ${features.length} features.` : ""}`,
    chart: {
      ...{ data: { values: shown.map(({ feature, psi }) => ({ feature, psi })) }, ...sizeByRows(shown.length, 16) },
      mark: { type: "bar", fill: COLOURS.accent },
      encoding: {
        y: { field: "feature", type: nominal, sort: null, title: null, axis: { labelLimit: NAME_LIMIT } },
        x: { field: "psi", type: quantitative, title: "PSI" },
      },
    },
    table: {
      head: ["Feature", "PSI", "KS", "Adjusted p"],
      rows: shown.map(({ feature, psi, ks, adjusted }) => [
        ...[feature, round(psi), ks === undefined ? "–" : round(ks)],
        adjusted === undefined ? "–" : adjusted.toPrecision(2),
      ]),
    },
  };
}

function latencyFigure({ single, batch, throughput }: LatencyFacts): Figure {
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
        fill: { field: "call", type: nominal, sort: null, scale: { range: [COLOURS.low, COLOURS.high] } },
      },
    },
    table: {
      head: ["Call", "Quantile", "Milliseconds"],
      rows: values.map(({ call, quantile, ms }) => [call, quantile, round(ms)]),
    },
  };
}
