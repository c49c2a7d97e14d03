import type { ScatterPoint } from "../scatter.ts";
import { type Chart, COLOURS } from "./draw.ts";
import { type Figure, nominal, quantitative, size } from "./figure.ts";

/** Points by a pair of numbers, over a dashed line that says what a perfect model does. */
function points(values: object[], line: object[], titles: readonly [string, string], hasTargets: boolean): Chart {
  const encoding = {
    x: { field: "x", type: quantitative, scale: { zero: false }, title: titles[0] },
    y: { field: "y", type: quantitative, scale: { zero: false }, title: titles[1] },
  };
  const fill = { field: "target", type: nominal, sort: null, scale: { range: [COLOURS.accent, COLOURS.other] } };
  return {
    ...size,
    layer: [
      {
        data: { values: line },
        mark: { type: "line", stroke: COLOURS.faint, strokeDash: [4, 3] },
        encoding,
      },
      {
        data: { values },
        mark: { type: "circle", fill: COLOURS.accent, opacity: 0.6, size: 20 },
        encoding: { ...encoding, ...(hasTargets && { fill }) },
      },
    ],
  };
}

const targetsOf = (found: readonly ScatterPoint[]) => new Set(found.map(({ target }) => target)).size;
const rangeOf = (values: readonly number[]) => [Math.min(...values), Math.max(...values)] as const;

export function actualAgainstPredicted(found: readonly ScatterPoint[]): Figure {
  const [low, high] = rangeOf(found.flatMap(({ actual, predicted }) => [actual, predicted]));
  const values = found.map(({ target, actual, predicted }) => ({ target, x: predicted, y: actual }));
  const line = [low, high].map((both) => ({ x: both, y: both }));
  return {
    title: "Actual against predicted",
    caption: `On the dashed line the prediction is right.${told(found)}`,
    chart: points(values, line, ["predicted", "actual"], targetsOf(found) > 1),
  };
}

export function residuals(found: readonly ScatterPoint[]): Figure {
  const [low, high] = rangeOf(found.map(({ predicted }) => predicted));
  const values = found.map(({ target, actual, predicted }) => ({ target, x: predicted, y: predicted - actual }));
  const line = [low, high].map((x) => ({ x, y: 0 }));
  return {
    title: "Residuals",
    caption: `Prediction minus truth, by prediction: a shape in it is what the model has missed.${told(found)}`,
    chart: points(values, line, ["predicted", "predicted - actual"], targetsOf(found) > 1),
  };
}

const told = (found: readonly ScatterPoint[]) => ` ${found.length} points of the evaluation rows.`;
