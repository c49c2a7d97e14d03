import type { Curves } from "../curves.ts";
import type { CalibrationBin } from "../metrics/calibration-bins.ts";
import { type Chart, COLOURS } from "./draw.ts";
import { type Figure, nominal, quantitative, round, size, unit } from "./figure.ts";
import { beside, colourOf, dashOf, having, shapeOf, type Version } from "./versions.ts";

const DIAGONAL = [
  { x: 0, y: 0 },
  { x: 1, y: 1 },
];
export const baselineMark = { type: "line" as const, stroke: COLOURS.faint as string, strokeDash: [2, 3] };

interface Point {
  readonly x: number;
  readonly y: number;
}

type Drawable = Version & { readonly part: Curves };

/** Curves of binary classifiers that return probabilities or scores. @param names of the negative and the positive class */
export function curveFigures(versions: readonly Version[], names: readonly [string, string]): Figure[] {
  const plotted = having(versions, ({ curves }) => curves);
  const [ours] = plotted;
  if (!ours || ours.name !== versions[0]?.name) return [];
  return [
    ...(ours.part.roc.length > 1 ? [rocCurve(plotted)] : []),
    ...(ours.part.precisionRecall.length > 0 ? [precisionRecall(plotted)] : []),
    ...(ours.part.calibration ? [calibration(plotted, names[1])] : []),
    ...plotted.flatMap((one) => scores(one, names, plotted.length > 1)),
  ];
}

const areaOf = (versions: readonly Version[], metric: string) =>
  beside(versions, ({ metrics }) => (metrics[metric] === undefined ? undefined : String(round(metrics[metric]))));

/** Draws lines in the unit square. */
function unitLines(
  versions: readonly Version[],
  pointsOf: (version: Version, index: number) => readonly Point[],
  titles: readonly [string, string],
  isDiagonalShown: boolean,
): Chart {
  const values = versions.flatMap((version, index) =>
    pointsOf(version, index).map((point, order) => ({ ...point, order, version: version.name })),
  );
  const encoding = {
    x: { field: "x", type: quantitative, scale: unit, title: titles[0] },
    y: { field: "y", type: quantitative, scale: unit, title: titles[1] },
  };
  return {
    ...size,
    layer: [
      ...(isDiagonalShown ? [{ data: { values: DIAGONAL }, mark: baselineMark, encoding }] : []),
      {
        data: { values },
        mark: { type: "line" as const, strokeWidth: 2 },
        encoding: {
          ...encoding,
          order: { field: "order", type: quantitative },
          stroke: colourOf(versions),
          strokeDash: dashOf(versions),
        },
      },
    ],
  };
}

const TENTHS = Array.from({ length: 11 }, (_, tenth) => tenth / 10);

function rocCurve(versions: readonly Drawable[]): Figure {
  const pointsOf = ({ part }: Drawable) => part.roc.map(({ falsePositiveRate: x, truePositiveRate: y }) => ({ x, y }));
  const area = areaOf(versions, "roc_auc");
  const best = (version: Drawable, most: number) =>
    Math.max(...pointsOf(version).flatMap(({ x, y }) => (x <= most + 1e-12 ? [y] : [])));
  return {
    title: "ROC",
    caption: `True and false positive rate at each threshold.${area === "" ? "" : ` Area ${area}. 0.5 is chance (dotted), 1 is perfect.`}`,
    chart: unitLines(
      versions,
      (_, index) => pointsOf(versions[index] as Drawable),
      ["false positive rate", "true positive rate"],
      true,
    ),
    table: {
      head: ["False positive rate of at most", ...versions.map(({ name }) => `True positive rate, ${name}`)],
      rows: TENTHS.map((most) => [most, ...versions.map((version) => round(best(version, most)))]),
    },
  };
}

function precisionRecall(versions: readonly Drawable[]): Figure {
  const pointsOf = ({ part }: Drawable) => part.precisionRecall.map(({ recall: x, precision: y }) => ({ x, y }));
  const area = areaOf(versions, "pr_auc");
  const best = (version: Drawable, least: number) =>
    Math.max(0, ...pointsOf(version).flatMap(({ x, y }) => (x >= least - 1e-12 ? [y] : [])));
  return {
    title: "Precision and recall",
    caption: `By decreasing threshold.${area === "" ? "" : ` Average precision ${area}.`}`,
    chart: unitLines(versions, (_, index) => pointsOf(versions[index] as Drawable), ["recall", "precision"], false),
    table: {
      head: ["Recall of at least", ...versions.map(({ name }) => `Best precision, ${name}`)],
      rows: TENTHS.map((least) => [least, ...versions.map((version) => round(best(version, least)))]),
    },
  };
}

export const binRows = (bins: readonly CalibrationBin[] = []) =>
  bins.map(({ predicted, observed, rows }) => [round(predicted), round(observed), rows]);

function calibration(versions: readonly Drawable[], positive: string): Figure {
  const values = versions.flatMap(({ name: version, part }) =>
    (part.calibration ?? []).map(({ predicted: x, observed: y, rows }) => ({ x, y, rows, version })),
  );
  const encoding = {
    x: { field: "x", type: quantitative, scale: unit, title: "predicted probability" },
    y: { field: "y", type: quantitative, scale: unit, title: `observed frequency of ${positive}` },
  };
  const error = areaOf(versions, "ece");
  const stroke = colourOf(versions);
  return {
    title: "Calibration",
    caption: `On the dotted line, predicted probability and observed frequency of ${positive} agree. Larger dots have more rows.${error === "" ? "" : ` Expected calibration error ${error}.`}`,
    chart: {
      ...size,
      layer: [
        { data: { values: DIAGONAL }, mark: baselineMark, encoding },
        { data: { values }, mark: { type: "line" }, encoding: { ...encoding, stroke, strokeDash: dashOf(versions) } },
        {
          data: { values },
          mark: { type: "point", filled: true, opacity: 1 },
          encoding: {
            ...encoding,
            fill: stroke,
            shape: shapeOf(versions),
            size: { field: "rows", type: quantitative, legend: null },
          },
        },
      ],
    },
    table: {
      head: ["Version", "Mean probability", `Observed frequency of ${positive}`, "Rows"],
      rows: versions.flatMap(({ name, part }) => binRows(part.calibration).map((row) => [name, ...row])),
    },
  };
}

function scores({ name, part }: Drawable, classes: readonly [string, string], isOneOfSeveral: boolean): Figure[] {
  if (!part.histogram) return [];
  const { negatives, positives } = part.histogram;
  const bars = (of: string, counts: readonly number[]) =>
    counts.map((rows, bin) => ({ from: bin / counts.length, to: (bin + 1) / counts.length, rows, class: of }));
  const [negative, positive] = classes;
  const figure: Figure = {
    title: isOneOfSeveral ? `Scores by class: ${name}` : "Scores by class",
    caption: `Predicted probability of ${positive} by true class. The less they overlap, the better.`,
    chart: {
      ...size,
      data: { values: [...bars(negative, negatives), ...bars(positive, positives)] },
      mark: { type: "bar", fillOpacity: 0.6 },
      encoding: {
        x: {
          field: "from",
          bin: { binned: true },
          type: quantitative,
          scale: unit,
          title: `probability of ${positive}`,
        },
        x2: { field: "to" },
        y: { field: "rows", type: quantitative, stack: null, title: "rows" },
        fill: {
          field: "class",
          type: nominal,
          sort: null,
          scale: { domain: [...classes], range: [COLOURS.low, COLOURS.high] },
        },
      },
    },
    table: {
      head: ["Probability from", "to", `Rows of ${negative}`, `Rows of ${positive}`],
      rows: negatives.map((rows, bin) => [
        round(bin / negatives.length),
        round((bin + 1) / negatives.length),
        rows,
        positives[bin] ?? 0,
      ]),
    },
  };
  return [figure];
}
