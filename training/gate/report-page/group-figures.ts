import type { GroupFacts, SliceFacts } from "../facts.ts";
import { type Figure, quantitative, round, unit } from "./figure.ts";
import { barsByVersion, type Version } from "./versions.ts";
import { NONE } from "./words.ts";

/** A figure for each slice of the policy: accuracy by group, or a regressor's error. */
export function groupFigures(versions: readonly Version[]): Figure[] {
  return (versions[0]?.slices ?? []).map((slice) => {
    const own = versions.flatMap((version) => {
      const found = version.slices.find(({ name }) => name === slice.name);
      return found ? [{ ...version, groups: found.groups }] : [];
    });
    return groupFigure(slice, own);
  });
}

type Drawable = Version & Pick<SliceFacts, "groups">;

function groupFigure(slice: SliceFacts, versions: readonly Drawable[]): Figure {
  const { name, column, groups } = slice;
  const isRegression = groups.some(({ rmse }) => typeof rmse === "number");
  const measure = isRegression ? "root mean squared error" : "accuracy";
  const measureOf = (group: GroupFacts | undefined) => (isRegression ? group?.rmse : group?.accuracy) ?? undefined;
  const inGroup = (version: Drawable, group: string) => measureOf(version.groups.find((one) => one.name === group));
  const shown = groups.filter((group) => measureOf(group) !== undefined);
  const values = versions.flatMap((version) =>
    shown.map(({ name: group, rows, small }) => ({
      ...{ group: `${group} (${rows})`, value: inGroup(version, group), version: version.name, small },
    })),
  );
  const bars = barsByVersion(versions, {
    ...{ field: "group", count: shown.length, values, heights: [26, 20] },
    x: { field: "value", type: quantitative, ...(!isRegression && { scale: unit }), title: measure },
  });
  return {
    title: `Groups: ${name}`,
    caption: `${measure[0]?.toUpperCase()}${measure.slice(1)} by group of ${column}, with the rows of each.${shown.some(({ small }) => small) ? " Pale: too few rows to be judged." : ""}${leftOut(slice)}`,
    chart: {
      ...bars,
      encoding: { ...bars.encoding, fillOpacity: { condition: { test: "datum.small", value: 0.35 }, value: 1 } },
    },
    table: {
      head: [
        ...["Group", "Rows", "Judged", ...versions.map((version) => `${measure}, ${version.name}`)],
        ...(isRegression ? versions.map((version) => `mean error, ${version.name}`) : []),
      ],
      rows: shown.map((group) => [
        ...[group.name, group.rows, group.small ? "too few rows" : "yes"],
        ...versions.map((version) => shownValue(inGroup(version, group.name))),
        ...(isRegression
          ? versions.map(({ groups: own }) => shownValue(own.find((one) => one.name === group.name)?.meanError))
          : []),
      ]),
    },
  };
}

const shownValue = (value: number | null | undefined) => (typeof value === "number" ? round(value) : NONE);

/** So many are named. */
const NAMED = 5;

/** Groups that a check of the slice could not judge; reports of earlier releases do not name them. */
function leftOut({ dropped = [] }: SliceFacts): string {
  if (dropped.length === 0) return "";
  const named = dropped.slice(0, NAMED).map(({ group, why }) => `${group} ${why}`);
  return ` Left out of a check: ${named.join("; ")}${dropped.length > NAMED ? `; and ${dropped.length - NAMED} more` : ""}.`;
}
