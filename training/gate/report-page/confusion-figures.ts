import type { ClassName } from "../../../data/prediction.ts";
import {
  type ConfusedPair,
  type ConfusedPairs,
  type Confusion,
  type ConfusionCounts,
  confusedPairs,
} from "../confusion-counts.ts";
import type { PlotData } from "../plot-data.ts";
import { COLOURS, nameLabels } from "./draw.ts";
import { type Figure, nominal, quantitative, size, unit } from "./figure.ts";
import { barsByVersion, having, type Version } from "./versions.ts";

const binaryMatrix = ({ tn, fp, fn, tp }: Confusion, classes: readonly [ClassName, ClassName]): ConfusionCounts => ({
  classes,
  counts: [
    [tn, fp],
    [fn, tp],
  ],
});

/** A matrix with more classes is not readable: the pairs confused most often are shown instead. */
const READABLE = 20;

/** Smaller numbers are not readable: the matrix then spans two columns of the page. */
const SMALLEST_LETTERS = 12;
/** Space for cells in a wide drawing, without the names. */
const WIDE_CELLS = 540;
/** Space for cells in a narrow drawing: the names take up to 90 pixels. */
const narrowCells = (classes: readonly ClassName[]) =>
  280 - Math.min(90, 8 * Math.max(...classes.map((name) => String(name).length)));

/** Rows by true and predicted class, one matrix per version. @param names of two classes */
export function confusionFigures(versions: readonly Version[], names: readonly [ClassName, ClassName]): Figure[] {
  const matrixOf = ({ confusion, confusionMatrix }: PlotData) =>
    confusion ? binaryMatrix(confusion, names) : confusionMatrix;
  const matrices = having(versions, matrixOf);
  const [first] = matrices;
  if (first && first.part.classes.length <= READABLE)
    return matrices.map(({ name, part }) =>
      matrixFigure(matrices.length > 1 ? `Confusion matrix: ${name}` : "Confusion matrix", part),
    );
  const ours = first ? confusedPairs(first.part) : versions[0]?.plots.confusedPairs;
  if (!ours) return [];
  const pairs = having(versions, (plots) => plots.confusedPairs ?? likePairs(plots.confusionMatrix, ours.pairs));
  return [pairsFigure(pairs)];
}

const likePairs = (matrix: ConfusionCounts | undefined, like: readonly ConfusedPair[]) =>
  matrix && confusedPairs(matrix, like);

function matrixFigure(title: string, { classes, counts }: ConfusionCounts): Figure {
  const values = counts.flatMap((row, actual) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((rows, predicted) => ({
      actual: String(classes[actual]),
      predicted: String(classes[predicted]),
      rows,
      share: total === 0 ? 0 : rows / total,
    }));
  });
  const isFew = classes.length <= 3;
  const isWide = fontSizeOf(counts, narrowCells(classes)) < SMALLEST_LETTERS;
  const position = {
    x: {
      field: "predicted",
      type: nominal,
      title: "predicted",
      sort: null,
      axis: { labelAngle: isFew ? 0 : -45, orient: "top" as const, ...nameLabels(isFew ? 76 : 100) },
    },
    y: { field: "actual", type: nominal, title: "true", sort: null, axis: nameLabels(isWide ? 160 : 90) },
  };
  const [width, height] = isWide
    ? [700, 150 + classes.length * 18]
    : [size.width, Math.max(250, classes.length * 20 + 90)];
  return {
    title,
    isWide,
    caption: `Rows by true and predicted class. A stronger colour means a larger share of the true class. ${wordsOf({ classes, counts })}`,
    chart: {
      data: { values },
      ...size,
      width,
      height,
      layer: [
        {
          mark: { type: "rect", fill: COLOURS.accent },
          encoding: {
            ...position,
            fillOpacity: { field: "share", type: quantitative, scale: { ...unit, range: [0.05, 0.6] }, legend: null },
          },
        },
        {
          mark: { type: "text" as const, fontSize: fontSizeOf(counts, isWide ? WIDE_CELLS : narrowCells(classes)) },
          encoding: { ...position, text: { field: "rows" } },
        },
      ],
    },
    table: {
      head: ["True class", ...classes.map((name) => `predicted ${name}`)],
      rows: counts.map((row, actual) => [String(classes[actual]), ...row]),
    },
  };
}

/** Font size that fits the largest number, with a gap. */
function fontSizeOf(counts: ConfusionCounts["counts"], width: number): number {
  const digits = Math.max(...counts.flat().map((rows) => String(rows).length));
  const cell = width / counts.length;
  const rowHeight = counts.length <= 6 ? 30 : 18;
  return Math.max(6, Math.min(20, 0.7 * rowHeight, Math.floor(cell / (0.65 * (0.5 + Math.max(2, digits))))));
}

function pairsFigure(versions: readonly (Version & { readonly part: ConfusedPairs })[]): Figure {
  const nameOf = ({ actual, predicted }: ConfusedPair) => `${actual} as ${predicted}`;
  const values = versions.flatMap(({ name: version, part }) =>
    part.pairs.map((pair) => ({ pair: nameOf(pair), rows: pair.rows, version })),
  );
  const { rows = 0, right = 0, pairs = [] } = versions[0]?.part ?? {};
  return {
    title: "Confused most often",
    caption: `${right} of ${rows} rows correct. Rows of one class that were predicted as another: the ${pairs.length} most frequent pairs.`,
    chart: barsByVersion(versions, {
      field: "pair",
      count: pairs.length,
      values,
      heights: [18, 14],
      x: { field: "rows", type: quantitative, title: "rows" },
    }),
    table: {
      head: ["True class", "Predicted class", ...versions.map(({ name }) => `Rows, ${name}`)],
      rows: pairs.map(({ actual, predicted }, index) => [
        String(actual),
        String(predicted),
        ...versions.map(({ part }) => part.pairs[index]?.rows ?? 0),
      ]),
    },
  };
}

function wordsOf({ classes, counts }: ConfusionCounts): string {
  const at = (actual: number, predicted: number) => counts[actual]?.[predicted] ?? 0;
  if (classes.length === 2)
    return `${at(0, 0)} and ${at(1, 1)} correct, ${at(0, 1)} false positives, ${at(1, 0)} false negatives.`;
  const { rows, right, pairs } = confusedPairs({ classes, counts });
  const [worst] = pairs;
  return `${right} of ${rows} correct.${worst ? ` Most frequent error: ${worst.rows} rows of ${worst.actual} predicted as ${worst.predicted}.` : ""}`;
}
