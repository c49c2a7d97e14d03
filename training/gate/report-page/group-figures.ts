import type { GroupFacts, SliceFacts } from "../facts.ts";
import { type Figure, NAME_LIMIT, nominal, quantitative, round, sizeByRows, unit } from "./figure.ts";
import { colourOf, offsetOf, type Version } from "./versions.ts";

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

function groupFigure({ name, column, groups }: SliceFacts, versions: readonly Drawable[]): Figure {
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
  return {
    title: `Groups: ${name}`,
    caption: `${measure[0]?.toUpperCase()}${measure.slice(1)} by group of ${column}, with the rows of each.${shown.some(({ small }) => small) ? " Pale: too few rows to be judged." : ""}`,
    chart: {
      ...{ data: { values }, ...sizeByRows(shown.length, versions.length > 1 ? 26 : 20) },
      mark: { type: "bar" },
      encoding: {
        y: { field: "group", type: nominal, sort: null, title: null, axis: { labelLimit: NAME_LIMIT } },
        ...(versions.length > 1 && { yOffset: offsetOf(versions) }),
        x: { field: "value", type: quantitative, ...(!isRegression && { scale: unit }), title: measure },
        fill: colourOf(versions),
        fillOpacity: { condition: { test: "datum.small", value: 0.35 }, value: 1 },
      },
    },
    table: {
      head: ["Group", "Rows", "Judged", ...versions.map((version) => `${measure}, ${version.name}`)],
      rows: shown.map((group) => [
        ...[group.name, group.rows, group.small ? "too few rows" : "yes"],
        ...versions.map((version) => {
          const value = inGroup(version, group.name);
          return value === undefined ? "–" : round(value);
        }),
      ]),
    },
  };
}
