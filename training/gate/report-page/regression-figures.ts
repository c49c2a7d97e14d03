import type { ScatterPoint } from "../scatter.ts";
import type { QuantileResult } from "../target-results.ts";
import { baselineMark } from "./curve-figures.ts";
import { type Chart, COLOURS } from "./draw.ts";
import { type Figure, NAMES, nominal, quantitative, round, size, sizeByRows, unit } from "./figure.ts";
import { colourOf, having, shapeOf, type Version } from "./versions.ts";
import { formatNumber } from "./words.ts";

type Drawable = Version & { readonly part: readonly ScatterPoint[] };

/** A regressor's predictions by target: targets have different units. */
export function regressionFigures(versions: readonly Version[]): Figure[] {
  const plotted = having(versions, ({ scatter }) => scatter);
  const targets = [...new Set(plotted[0]?.part.map(({ target }) => target))];
  const all = versions[0]?.plots.targets?.length ?? targets.length;
  const note =
    all > targets.length ? ` Shows the ${targets.length} of ${all} targets that the model explains least.` : "";
  return [
    ...targets.flatMap((target) => {
      const own = plotted.map((version) => ({ ...version, part: version.part.filter((one) => one.target === target) }));
      const suffix = targets.length > 1 ? `: ${target}` : "";
      return [actualAgainstPredicted(own, suffix, note), residuals(own, suffix, note)];
    }),
    ...quantileFigures(versions),
  ];
}

/** Scatter plot of pairs of numbers, with a dotted line for a perfect model. */
function points(versions: readonly Drawable[], values: object[], line: object[], titles: readonly string[]): Chart {
  const encoding = {
    x: { field: "x", type: quantitative, scale: { zero: false }, title: titles[0] as string },
    y: { field: "y", type: quantitative, scale: { zero: false }, title: titles[1] as string },
  };
  return {
    ...size,
    layer: [
      {
        data: { values },
        mark: { type: "point", filled: true, opacity: 0.6, size: 20 },
        encoding: { ...encoding, fill: colourOf(versions), shape: shapeOf(versions) },
      },
      { data: { values: line }, mark: { ...baselineMark, stroke: "currentColor" }, encoding },
    ],
  };
}

const rangeOf = (values: readonly number[]): [number, number] =>
  values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );

/** The evaluated version is drawn on top. */
const pointsOf = (versions: readonly Drawable[], y: (point: ScatterPoint) => number) =>
  versions
    .toReversed()
    .flatMap(({ name: version, part }) => part.map((point) => ({ version, x: point.predicted, y: y(point) })));

function actualAgainstPredicted(versions: readonly Drawable[], suffix: string, note: string): Figure {
  const all = versions.flatMap(({ part }) => part);
  const line = rangeOf(all.flatMap(({ actual, predicted }) => [actual, predicted]));
  return {
    title: `Actual against predicted${suffix}`,
    caption: `On the dotted line, predictions are exact.${pointCount(versions)}${note}`,
    chart: points(
      versions,
      pointsOf(versions, ({ actual }) => actual),
      line.map((both) => ({ x: both, y: both })),
      ["predicted", "actual"],
    ),
    table: meansTable(versions, "Mean actual", ({ actual }) => actual),
  };
}

function residuals(versions: readonly Drawable[], suffix: string, note: string): Figure {
  const line = rangeOf(versions.flatMap(({ part }) => part.map(({ predicted }) => predicted)));
  const residual = ({ actual, predicted }: ScatterPoint) => predicted - actual;
  return {
    title: `Residuals${suffix}`,
    caption: `Prediction minus truth, by prediction: a pattern shows what the model has missed.${pointCount(versions)}${note}`,
    chart: points(
      versions,
      pointsOf(versions, residual),
      line.map((x) => ({ x, y: 0 })),
      ["predicted", "predicted - actual"],
    ),
    table: meansTable(versions, "Mean residual", residual),
  };
}

const pointCount = ([ours]: readonly Drawable[]) => ` Shows ${ours?.part.length ?? 0} evaluation rows.`;

const GROUPS = 10;

/** Summarizes the points by deciles of the prediction: a table of hundreds of points is not readable. */
function meansTable(versions: readonly Drawable[], title: string, value: (point: ScatterPoint) => number) {
  const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
  return {
    head: ["Version", "Predicted from", "to", title, "Points"],
    rows: versions.flatMap(({ name, part }) => {
      const sorted = part.toSorted((a, b) => a.predicted - b.predicted);
      const length = Math.max(1, Math.ceil(sorted.length / GROUPS));
      return Array.from({ length: Math.ceil(sorted.length / length) }, (_, group) => {
        const own = sorted.slice(group * length, (group + 1) * length);
        const [from, to] = [own[0]?.predicted ?? 0, own.at(-1)?.predicted ?? 0];
        return [name, formatNumber(from), formatNumber(to), formatNumber(mean(own.map(value))), own.length];
      });
    }),
  };
}

/** Shows how often the truth is within the predicted quantiles, next to the nominal rate. */
function quantileFigures(versions: readonly Version[]): Figure[] {
  const plotted = having(versions, ({ quantiles }) => quantiles);
  const ours: readonly QuantileResult[] = plotted[0]?.part ?? [];
  if (ours.length === 0) return [];
  const nominalOf = ({ least, most }: QuantileResult) => (least === most ? String(least) : `${least} to ${most}`);
  const y = { field: "name", type: nominal, sort: null, title: null, axis: NAMES };
  const x = { type: quantitative, scale: unit, title: "share of the rows" };
  return [
    {
      title: "Quantile coverage",
      caption: `Share of rows whose truth is within the predicted range, next to the nominal share (grey): ${ours.map((one) => `${one.name} ${round(one.answered)}, nominal ${nominalOf(one)}`).join("; ")}.`,
      chart: {
        ...sizeByRows(ours.length, 34),
        layer: [
          {
            data: { values: [...ours] },
            mark: { type: "rule", strokeWidth: 14, stroke: COLOURS.faint, opacity: 0.5 },
            encoding: { y, x: { ...x, field: "least" }, x2: { field: "most" } },
          },
          {
            data: { values: [...ours] },
            mark: { type: "tick", thickness: 3, size: 22, color: COLOURS.faint },
            encoding: { y, x: { ...x, field: "least" } },
          },
          {
            data: {
              values: plotted.flatMap(({ name: version, part }) => part.map((one) => ({ ...one, version }))),
            },
            mark: { type: "point", filled: true, size: 70, opacity: 1 },
            encoding: { y, x: { ...x, field: "answered" }, fill: colourOf(plotted), shape: shapeOf(plotted) },
          },
        ],
      },
      table: {
        head: ["Output", "Nominal", ...plotted.map(({ name }) => `Observed, ${name}`)],
        rows: ours.map((one, index) => [
          one.name,
          nominalOf(one),
          ...plotted.map(({ part }) => round(part[index]?.answered ?? Number.NaN)),
        ]),
      },
    },
  ];
}
