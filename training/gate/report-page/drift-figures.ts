import type { CheckDetails, FeatureDrift } from "../check-details.ts";
import { COLOURS } from "./draw.ts";
import { type Figure, type FigureTable, NAMES, nominal, quantitative, round, sizeByRows } from "./figure.ts";
import { formatNumber } from "./words.ts";

/**
 * Drift by feature, and the columns that distinguish evaluation from reference.
 * @param bound of the policy for the population stability index
 */
export const driftFigures = ({ drift, driftClassifier }: CheckDetails, bound: number | undefined): Figure[] => [
  ...(drift && drift.length > 0 ? [featureFigure(drift, bound)] : []),
  ...(driftClassifier && driftClassifier.columns.length > 0 ? [classifierFigure(driftClassifier)] : []),
];

/** More bars cannot be compared. */
const MOST_FEATURES = 40;

function featureFigure(features: readonly FeatureDrift[], bound: number | undefined): Figure {
  const sorted = features.toSorted((a, b) => b.psi - a.psi);
  const plotted = sorted.slice(0, MOST_FEATURES);
  const values = plotted.map(({ feature, psi }) => ({ feature, psi, over: bound !== undefined && psi > bound }));
  const bars = {
    mark: { type: "bar" as const },
    encoding: {
      y: { field: "feature", type: nominal, sort: null, title: null, axis: NAMES },
      x: { field: "psi", type: quantitative, title: bound === undefined ? "PSI" : `PSI (line: bound ${bound})` },
      fill: { condition: { test: "datum.over", value: COLOURS.over }, value: COLOURS.accent },
    },
  };
  const line = {
    data: { values: [{ bound }] },
    mark: { type: "rule" as const, stroke: "currentColor", strokeWidth: 1.5 },
    encoding: { x: { field: "bound", type: quantitative } },
  };
  return {
    title: "Drift by feature",
    caption: driftCaption(sorted, bound),
    chart: {
      data: { values },
      ...sizeByRows(plotted.length, 16),
      layer: bound === undefined ? [bars] : [bars, line],
    },
    table: {
      head: ["Feature", "PSI", "KS", "Adjusted p"],
      rows: plotted.map(({ feature, psi, ks, adjusted }) => [
        feature,
        round(psi),
        ks === undefined ? "–" : round(ks),
        adjusted === undefined ? "–" : adjusted.toPrecision(2),
      ]),
    },
  };
}

/** @param sorted by their index, largest first */
function driftCaption(sorted: readonly FeatureDrift[], bound: number | undefined): string {
  const [worst] = sorted;
  if (!worst) return "";
  const { feature, psi, adjusted } = worst;
  const test = adjusted === undefined ? "" : ` (Kolmogorov-Smirnov adjusted p ${adjusted.toPrecision(2)})`;
  const above = sorted.filter((one) => bound !== undefined && one.psi > bound).length;
  return [
    "Population stability index of the evaluation data against the reference; 0 means no drift.",
    `Largest: ${feature}, ${round(psi)}${test}.`,
    ...(bound === undefined
      ? []
      : [`${above} of ${sorted.length} features ${above === 1 ? "is" : "are"} above the bound of ${bound} (line).`]),
    ...(sorted.length > MOST_FEATURES ? [`The ${MOST_FEATURES} largest of ${sorted.length} features.`] : []),
  ].join(" ");
}

type Classifier = NonNullable<CheckDetails["driftClassifier"]>;

/** Summarizes in one line how well a classifier distinguishes evaluation from reference. */
export function classifierCaption({ auc, interval, rows }: Classifier): string {
  const [low, high] = interval.map(formatNumber);
  return (
    `A classifier distinguishes ${rows.evaluation} rows of the evaluation from ${rows.reference} of the reference with a ROC AUC of ` +
    `${formatNumber(auc)} (95 % interval ${low} to ${high}); 0.5 means no drift.`
  );
}

/** The most informative columns. */
export const classifierTable = ({ columns }: Classifier): FigureTable => ({
  head: ["Column", "Weight"],
  rows: columns.map(({ column, weight }) => [column, round(weight)]),
});

function classifierFigure(classifier: Classifier): Figure {
  const values = classifier.columns.map(({ column, weight }) => ({ column, weight }));
  return {
    title: "Columns that distinguish evaluation from reference",
    caption: `${classifierCaption(classifier)} Its most informative columns, by the standard deviation of their contribution to the score.`,
    chart: {
      data: { values },
      ...sizeByRows(values.length, 20),
      mark: { type: "bar", fill: COLOURS.accent },
      encoding: {
        y: { field: "column", type: nominal, sort: null, title: null, axis: NAMES },
        x: { field: "weight", type: quantitative, title: "weight" },
      },
    },
    table: classifierTable(classifier),
  };
}
