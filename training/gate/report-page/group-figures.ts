import type { GroupDetails, SliceDetails } from "../check-details.ts";
import { type JudgedRate, judgedRates, minSizeOf, RATES, type SlicePolicy } from "../checks/slice-policy.ts";
import { type Figure, type FigureTable, quantitative, round, unit } from "./figure.ts";
import { barsByVersion, type Version } from "./versions.ts";
import { NONE } from "./words.ts";

type Slices = Readonly<Record<string, SlicePolicy>>;

/** A rate to plot for each group. */
interface Measure {
  /** Title of the figure, if it is not the slice's first. */
  readonly title: string;
  readonly label: string;
  /** Unit of the number next to a group's name. */
  readonly of: string;
  readonly isShare: boolean;
  readonly rateOf: (group: GroupDetails) => number | undefined;
  readonly rowsOf: (group: GroupDetails) => number;
  readonly isSmall: (group: GroupDetails) => boolean;
}

type Drawable = Version & Pick<SliceDetails, "groups">;

/** One figure per rate of a slice that the policy bounds, and always accuracy by group, or a regressor's error. */
export function groupFigures(versions: readonly Version[], policy: Slices = {}): Figure[] {
  return slicesOf(versions).flatMap(({ slice, own }) =>
    measuresOf(slice, policy[slice.name]).map((measure, index) => groupFigure(slice, own, measure, index === 0)),
  );
}

/** The same as one table, with a row per group and rate. */
export function groupTable(versions: readonly Version[], policy: Slices = {}): FigureTable {
  return {
    head: ["Slice", "Group", "Rate", "Rows", "Evaluated", ...versions.map(({ name }) => name)],
    rows: slicesOf(versions).flatMap(({ slice, own }) =>
      measuresOf(slice, policy[slice.name]).flatMap((measure) =>
        shownIn(slice, measure).map((group) => [
          slice.name,
          group.name,
          measure.label,
          measure.rowsOf(group),
          measure.isSmall(group) ? "too few rows" : "yes",
          ...own.map((version) => shownValue(inGroup(version, group.name, measure))),
        ]),
      ),
    ),
  };
}

/** All groups that a check of a slice omitted. */
export const droppedTable = (versions: readonly Version[]): FigureTable => ({
  head: ["Slice", "Group", "Why"],
  rows: (versions[0]?.slices ?? []).flatMap(({ name, dropped = [] }) =>
    dropped.map(({ group, why }) => [name, group, why]),
  ),
});

const slicesOf = (versions: readonly Version[]) =>
  (versions[0]?.slices ?? []).map((slice) => ({
    slice,
    own: versions.flatMap((version): Drawable[] => {
      const found = version.slices.find(({ name }) => name === slice.name);
      return found ? [{ ...version, groups: found.groups }] : [];
    }),
  }));

function measuresOf({ groups }: SliceDetails, terms: SlicePolicy | undefined): readonly Measure[] {
  const isRegression = groups.some(({ rmse }) => typeof rmse === "number");
  const first: Measure = {
    title: "",
    label: isRegression ? RATES.rmse.label : RATES.accuracy.label,
    of: "rows",
    isShare: !isRegression,
    rateOf: ({ rmse, accuracy }) => (isRegression ? rmse : accuracy) ?? undefined,
    rowsOf: ({ rows }) => rows,
    isSmall: ({ small }) => small,
  };
  // Reports of earlier releases have no other rates.
  const others = terms && groups.some(({ rates }) => rates) ? judgedRates(terms) : [];
  const more = others.filter(({ path }) => path !== (isRegression ? "rmse" : "accuracy"));
  return [first, ...more.map((rate) => measureOf(rate, minSizeOf(terms ?? {})))];
}

const measureOf = ({ rate, path, label }: JudgedRate, minSize: number): Measure => ({
  title: `, ${label}`,
  label,
  of: RATES[rate].of,
  isShare: rate !== "rmse" && rate !== "meanError",
  rateOf: ({ rates }) => rates?.[path]?.value ?? undefined,
  rowsOf: ({ rates }) => rates?.[path]?.rows ?? 0,
  isSmall: ({ rates }) => (rates?.[path]?.rows ?? 0) < minSize,
});

const shownIn = ({ groups }: SliceDetails, { rateOf }: Measure) =>
  groups.filter((group) => rateOf(group) !== undefined);
/** Shown next to a regressor's error, even without a bound. */
const MEAN_ERROR: Pick<Measure, "rateOf"> = { rateOf: ({ meanError }) => meanError ?? undefined };
const inGroup = ({ groups }: Drawable, name: string, { rateOf }: Pick<Measure, "rateOf">) => {
  const found = groups.find((group) => group.name === name);
  return found && rateOf(found);
};

function groupFigure(slice: SliceDetails, versions: readonly Drawable[], measure: Measure, isFirst: boolean): Figure {
  const { name, column } = slice;
  const { title, label, of, isShare, rowsOf, isSmall } = measure;
  const plotted = shownIn(slice, measure);
  const hasMeanError = isFirst && !isShare;
  const values = versions.flatMap((version) =>
    plotted.map((group) => ({
      group: `${group.name} (${rowsOf(group)})`,
      value: inGroup(version, group.name, measure),
      version: version.name,
      small: isSmall(group),
    })),
  );
  const bars = barsByVersion(versions, {
    field: "group",
    count: plotted.length,
    values,
    heights: [26, 20],
    x: { field: "value", type: quantitative, ...(isShare && { scale: unit }), title: label },
  });
  const pale = plotted.some(isSmall) ? ` Pale: too few ${of}.` : "";
  return {
    title: `Groups: ${name}${title}`,
    caption: `${label[0]?.toUpperCase()}${label.slice(1)} by group of ${column}, with the ${of} of each.${pale}${isFirst ? leftOut(slice) : ""}`,
    chart: {
      ...bars,
      encoding: { ...bars.encoding, fillOpacity: { condition: { test: "datum.small", value: 0.35 }, value: 1 } },
    },
    table: {
      head: [
        "Group",
        of[0]?.toUpperCase() + of.slice(1),
        "Evaluated",
        ...versions.map((version) => `${label}, ${version.name}`),
        ...(hasMeanError ? versions.map((version) => `mean error, ${version.name}`) : []),
      ],
      rows: plotted.map((group) => [
        group.name,
        rowsOf(group),
        isSmall(group) ? `too few ${of}` : "yes",
        ...versions.map((version) => shownValue(inGroup(version, group.name, measure))),
        ...(hasMeanError ? versions.map((version) => shownValue(inGroup(version, group.name, MEAN_ERROR))) : []),
      ]),
    },
  };
}

const shownValue = (value: number | null | undefined) => (typeof value === "number" ? round(value) : NONE);

/** Maximum number of groups to name. */
const NAMED = 5;

/** Groups that a check of the slice could not evaluate; reports of earlier releases do not name them. */
function leftOut({ dropped = [] }: SliceDetails): string {
  if (dropped.length === 0) return "";
  const named = dropped.slice(0, NAMED).map(({ group, why }) => `${group} ${why}`);
  return ` Omitted from a check: ${named.join("; ")}${dropped.length > NAMED ? `; and ${dropped.length - NAMED} more, listed below` : ""}.`;
}
