import type { Confusion, ConfusionCounts } from "../confusion-counts.ts";
import { COLOURS } from "./draw.ts";
import { type Figure, nominal, quantitative, size, unit } from "./figure.ts";

export const binaryMatrix = ({ tn, fp, fn, tp }: Confusion): ConfusionCounts => ({
  classes: [0, 1],
  counts: [
    [tn, fp],
    [fn, tp],
  ],
});

/** Numbers fit into the cells of so many classes. */
const READABLE = 12;

/** Rows by true and by answered class. */
export function confusionFigure({ classes, counts }: ConfusionCounts): Figure {
  const values = counts.flatMap((row, actual) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((rows, predicted) => ({
      ...{ actual: `actual ${classes[actual]}`, predicted: `said ${classes[predicted]}`, rows },
      share: total === 0 ? 0 : rows / total,
    }));
  });
  const position = {
    x: {
      ...{ field: "predicted", type: nominal, title: null, sort: null },
      axis: { labelAngle: isWide(classes) ? -30 : 0, labelLimit: 0, orient: "top" as const },
    },
    y: { field: "actual", type: nominal, title: null, sort: null },
  };
  const numbers = {
    mark: { type: "text" as const, fontSize: Math.max(9, Math.round(24 - 3 * classes.length)) },
    encoding: { ...position, text: { field: "rows" } },
  };
  return {
    title: "Confusion matrix",
    caption: `Rows by true and by answered class; the stronger the colour, the larger its share of the true class. ${wordsOf({ classes, counts })}`,
    chart: {
      ...{ data: { values }, ...size },
      layer: [
        {
          mark: { type: "rect", fill: COLOURS.accent },
          encoding: {
            ...position,
            fillOpacity: { field: "share", type: quantitative, scale: { ...unit, range: [0.05, 0.6] }, legend: null },
          },
        },
        ...(classes.length <= READABLE ? [numbers] : []),
      ],
    },
  };
}

/** Names that do not fit beside one another. */
const isWide = (classes: ConfusionCounts["classes"]) =>
  classes.reduce((letters: number, name) => letters + `said ${name}`.length, 0) > 24;

function wordsOf({ classes, counts }: ConfusionCounts): string {
  const at = (actual: number, predicted: number) => counts[actual]?.[predicted] ?? 0;
  if (classes.length === 2)
    return `${at(0, 0)} and ${at(1, 1)} right, ${at(0, 1)} false positives, ${at(1, 0)} false negatives.`;
  const all = counts.flat().reduce((sum, count) => sum + count, 0);
  const right = classes.reduce((sum: number, _, place) => sum + at(place, place), 0);
  const wrong = counts
    .flatMap((row, actual) => row.map((rows, predicted) => ({ rows, actual, predicted })))
    .filter(({ actual, predicted }) => actual !== predicted)
    .reduce((most, one) => (one.rows > most.rows ? one : most), { rows: 0, actual: 0, predicted: 0 });
  const worst =
    wrong.rows === 0
      ? ""
      : ` Most often wrong: ${wrong.rows} rows of ${classes[wrong.actual]} answered as ${classes[wrong.predicted]}.`;
  return `${right} of ${all} right.${worst}`;
}
