import type { CheckDetails, FeatureDrift } from "../check-details.ts";
import { COLOURS } from "./draw.ts";
import { type Figure, type FigureTable, NAME_LIMIT, nominal, quantitative, round, sizeByRows } from "./figure.ts";
import { formatNumber } from "./words.ts";

/** Drift by feature, and the columns that distinguish evaluation from reference. */
export const driftFigures = ({ drift, driftClassifier }: CheckDetails): Figure[] => [
  ...(drift && drift.length > 0 ? [featureFigure(drift)] : []),
  ...(driftClassifier && driftClassifier.columns.length > 0 ? [classifierFigure(driftClassifier)] : []),
];

/** More bars cannot be compared. */
const MOST_FEATURES = 40;

function featureFigure(features: readonly FeatureDrift[]): Figure {
  const worst = features.reduce((a, b) => (b.psi > a.psi ? b : a));
  const isCut = features.length > MOST_FEATURES;
  const plotted = isCut ? features.toSorted((a, b) => b.psi - a.psi).slice(0, MOST_FEATURES) : features;
  return {
    title: "Drift by feature",
    caption: `Population stability index of the evaluation data against the reference; 0 is no drift. Largest: ${worst.feature}, ${round(worst.psi)}${worst.adjusted === undefined ? "" : ` (Kolmogorov-Smirnov adjusted p ${worst.adjusted.toPrecision(2)})`}.${isCut ? ` The ${MOST_FEATURES} largest of ${features.length} features.` : ""}`,
    chart: {
      data: { values: plotted.map(({ feature, psi }) => ({ feature, psi })) },
      ...sizeByRows(plotted.length, 16),
      mark: { type: "bar", fill: COLOURS.accent },
      encoding: {
        y: { field: "feature", type: nominal, sort: null, title: null, axis: { labelLimit: NAME_LIMIT } },
        x: { field: "psi", type: quantitative, title: "PSI" },
      },
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

type Classifier = NonNullable<CheckDetails["driftClassifier"]>;

/** Summarizes in one line how well a classifier distinguishes evaluation from reference. */
export function classifierCaption({ auc, interval, rows }: Classifier): string {
  const [low, high] = interval.map(formatNumber);
  return (
    `A classifier distinguishes ${rows.evaluation} rows of the evaluation from ${rows.reference} of the reference with a ROC AUC of ` +
    `${formatNumber(auc)} (95 % interval ${low} to ${high}); 0.5 is no drift.`
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
        y: { field: "column", type: nominal, sort: null, title: null, axis: { labelLimit: NAME_LIMIT } },
        x: { field: "weight", type: quantitative, title: "weight" },
      },
    },
    table: classifierTable(classifier),
  };
}
