import type { ClassResult } from "../class-results.ts";
import { baselineMark, binRows } from "./curve-figures.ts";
import { nameLabels } from "./draw.ts";
import { type Figure, nominal, quantitative, round, unit } from "./figure.ts";
import { barsByVersion, colourOf, dashOf, having, type Version } from "./versions.ts";

type Drawable = Version & { readonly part: readonly ClassResult[] };

const MEASURES = {
  precision: ["Precision", "Share of rows predicted as the class that belong to it"],
  recall: ["Recall", "Share of the class's rows that are predicted as it"],
  f1: ["F1", "Harmonic mean of precision and recall"],
} as const;

/** More bars cannot be compared. */
const MOST_BARS = 20;

/** Results by class, each against all others. */
export function classFigures(versions: readonly Version[]): Figure[] {
  const drawable = having(versions, ({ classes }) => classes);
  const ours = drawable[0]?.part ?? [];
  if (ours.length === 0) return [];
  return [
    ...(Object.keys(MEASURES) as (keyof typeof MEASURES)[]).map((measure) => bars(measure, drawable, ours)),
    ...(ours.some(({ calibration }) => calibration) ? [calibrations(drawable)] : []),
  ];
}

function bars(measure: keyof typeof MEASURES, versions: readonly Drawable[], ours: readonly ClassResult[]): Figure {
  const [title, meaning] = MEASURES[measure];
  const isCut = ours.length > MOST_BARS;
  // If the report has pairs instead of the matrix, it does not list all classes.
  const isPart = versions[0]?.plots.confusedPairs !== undefined;
  const among = isPart ? `the ${ours.length} classes with the lowest F1` : `${ours.length} classes`;
  const plotted = isCut ? ours.toSorted((a, b) => a[measure] - b[measure]).slice(0, MOST_BARS) : ours;
  const resultOf = ({ part }: Drawable, { name }: ClassResult) => part.find((one) => one.name === name);
  const values = versions.flatMap((version) =>
    plotted.flatMap((one) => {
      const value = resultOf(version, one)?.[measure];
      return value === undefined ? [] : [{ class: nameOf(one), value, version: version.name }];
    }),
  );
  return {
    title: `${title} by class`,
    caption: `${meaning}, with the rows of each class.${isCut ? ` The ${MOST_BARS} lowest of ${among}.` : ""}`,
    chart: barsByVersion(versions, {
      field: "class",
      count: plotted.length,
      values,
      heights: [20, 16],
      x: { field: "value", type: quantitative, scale: unit, title: title.toLowerCase() },
    }),
    table: {
      head: ["Class", "Rows", ...versions.map(({ name }) => `${title}, ${name}`)],
      rows: plotted.map((one) => [
        String(one.name),
        one.rows,
        ...versions.map((version) => {
          const value = resultOf(version, one)?.[measure];
          return value === undefined ? "–" : round(value);
        }),
      ]),
    },
  };
}

const nameOf = ({ name, rows }: ClassResult) => `${name} (${rows})`;

function calibrations(versions: readonly Drawable[]): Figure {
  const ours = versions[0]?.part ?? [];
  const plotted = ours.filter(({ calibration }) => calibration);
  const binsOf = ({ part }: Drawable, { name }: ClassResult) =>
    part.find((one) => one.name === name)?.calibration ?? [];
  const values = plotted.flatMap((one) =>
    versions.flatMap((version) =>
      binsOf(version, one).map(({ predicted: x, observed: y }) => ({
        class: String(one.name),
        x,
        y,
        version: version.name,
      })),
    ),
  );
  const encoding = {
    x: { field: "x", type: quantitative, scale: unit, title: null, axis: { values: [0, 0.5, 1] } },
    y: { field: "y", type: quantitative, scale: unit, title: null, axis: { values: [0, 0.5, 1] } },
  };
  const stroke = colourOf(versions);
  // Small plots side by side; each has its own dotted line.
  const lines = plotted.flatMap(({ name }) => [0, 1].map((end) => ({ class: String(name), ideal: end })));
  return {
    title: "Calibration by class",
    caption: `Predicted probability of the class (across) and observed frequency (up); on the dotted line they agree.${plotted.length < ours.length ? ` The ${plotted.length} classes where they differ most.` : ""}`,
    chart: {
      data: { values: [...values, ...lines] },
      facet: {
        field: "class",
        type: nominal,
        sort: plotted.map(({ name }) => String(name)),
        title: null,
        header: nameLabels(90),
      },
      columns: 3,
      spec: {
        width: 72,
        height: 72,
        layer: [
          {
            transform: [{ filter: "isValid(datum.ideal)" }],
            mark: baselineMark,
            encoding: {
              x: { ...encoding.x, field: "ideal" },
              y: { ...encoding.y, field: "ideal" },
            },
          },
          {
            transform: [{ filter: "isValid(datum.version)" }],
            mark: { type: "line", point: false, strokeWidth: 1.5 },
            encoding: { ...encoding, stroke, strokeDash: dashOf(versions) },
          },
          {
            transform: [{ filter: "isValid(datum.version)" }],
            mark: { type: "point", filled: true, size: 18, opacity: 1 },
            encoding: { ...encoding, fill: stroke },
          },
        ],
      },
    },
    table: {
      head: ["Class", "Version", "Mean probability", "Observed frequency", "Rows"],
      rows: plotted.flatMap((one) =>
        versions.flatMap((version) =>
          binRows(binsOf(version, one)).map((row) => [String(one.name), version.name, ...row]),
        ),
      ),
    },
  };
}
