import type { SliceDetails } from "../check-details.ts";
import type { PlotData } from "../plot-data.ts";
import type { GateReport } from "../report.ts";
import { COLOURS } from "./draw.ts";
import { NAMES, nominal, sizeByRows } from "./figure.ts";

/** A model version in the plots. */
export interface Version {
  /** Name in legends and tables. */
  readonly name: string;
  readonly plots: PlotData;
  readonly metrics: Readonly<Record<string, number>>;
  readonly slices: readonly SliceDetails[];
}

/** The evaluated version, followed by the one in production if they were compared. */
export function versionsOf({ model, metrics = {}, facts, championDrawn, ...plots }: GateReport): readonly Version[] {
  const { champion } = facts;
  const ours = { name: `version ${model.version}`, plots, metrics, slices: facts.slices ?? [] };
  if (!championDrawn) return [ours];
  return [
    ours,
    {
      name: `version ${championDrawn.version} (production)`,
      plots: championDrawn,
      metrics: champion?.metrics ?? {},
      slices: champion?.slices ?? [],
    },
  ];
}

/** Selects the versions that have a part, and adds it. */
export function having<Part>(
  versions: readonly Version[],
  part: (plots: PlotData) => Part | undefined,
): readonly (Version & { readonly part: Part })[] {
  return versions.flatMap((version) => {
    const found = part(version.plots);
    return found === undefined ? [] : [{ ...version, part: found }];
  });
}

type Named = readonly Pick<Version, "name">[];

const names = (versions: Named) => versions.map(({ name }) => name);
const scaleOf = <Value>(versions: Named, range: readonly Value[]) => ({
  domain: names(versions),
  range: range.slice(0, versions.length),
});

/** No legend for a single version. */
const legendOf = (versions: Named) => (versions.length > 1 ? {} : null);

const VERSION = { field: "version", type: nominal, sort: null } as const;

/** Encodes the version as a mark's colour. */
export const colourOf = (versions: Named) => ({
  ...VERSION,
  scale: scaleOf(versions, [COLOURS.accent, COLOURS.other]),
  legend: legendOf(versions),
});

/** The champion's lines are dashed, so that they can be distinguished without colour. */
export const dashOf = (versions: Named) => ({
  ...VERSION,
  scale: scaleOf(versions, [
    [1, 0],
    [6, 3],
  ]),
  legend: legendOf(versions),
});

export const shapeOf = (versions: Named) => ({
  ...VERSION,
  scale: scaleOf(versions, ["circle", "diamond"]),
  legend: legendOf(versions),
});

/** Places bars side by side. */
const offsetOf = (versions: Named) => ({ ...VERSION, scale: { domain: names(versions) } });

/** Formats values as `0.93; version 2 (production) 0.91`. */
export const beside = (versions: readonly Version[], textOf: (version: Version) => string | undefined): string =>
  versions
    .flatMap((version, index) => {
      const text = textOf(version);
      return text === undefined ? [] : [index === 0 ? text : `${version.name} ${text}`];
    })
    .join("; ");

interface Bars<X> {
  /** Field with the names of the bars, and how many there are. */
  readonly field: string;
  readonly count: number;
  /** Each with `version`. */
  readonly values: readonly object[];
  readonly x: X;
  /** Height of a name's bars: with several versions, and with a single one. */
  readonly heights: readonly [number, number];
}

/** Horizontal bars, one per name and version. */
export const barsByVersion = <X>(versions: Named, { field, count, values, x, heights: [several, alone] }: Bars<X>) => ({
  data: { values: [...values] },
  ...sizeByRows(count, versions.length > 1 ? several : alone),
  mark: { type: "bar" as const },
  encoding: {
    y: { field, type: nominal, sort: null, title: null, axis: NAMES },
    ...(versions.length > 1 && { yOffset: offsetOf(versions) }),
    x,
    fill: colourOf(versions),
  },
});
