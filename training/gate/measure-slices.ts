import type { Snapshot } from "../snapshot.ts";
import type { SliceDetails } from "./check-details.ts";
import { groupingsOf, minSizeOf, type SlicePolicy } from "./checks/slice-policy.ts";
import type { Evaluation } from "./evaluation.ts";
import type { GroupedRows } from "./groups.ts";
import { measureGroup } from "./measure-group.ts";
import { partition } from "./partition.ts";

/** A model's results on the groups of a slice, independent of bounds. */
export interface MeasuredSlice extends Omit<SliceDetails, "dropped"> {
  /** Minimum rows in a rate's denominator. */
  readonly minSize: number;
  /** Groups that only the reference has. */
  readonly absent: readonly string[];
}

/** By the slices' names; a string explains why the rows have no such groups. */
export type MeasuredSlices = ReadonlyMap<string, MeasuredSlice | string>;

/** @param reference whose groups are reported as absent if the evaluation lacks them */
export const measureSlices = (
  evaluation: Evaluation,
  snapshot: Snapshot,
  policy: Readonly<Record<string, SlicePolicy>>,
  reference?: GroupedRows,
): MeasuredSlices =>
  new Map(
    Object.entries(policy).map(([name, terms]): [string, MeasuredSlice | string] => {
      const groupings = groupingsOf(terms);
      const parts = partition(snapshot, groupings, reference);
      if (typeof parts === "string") return [name, parts];
      const minSize = minSizeOf(terms);
      const groups = parts.groups.map((group) =>
        measureGroup(group, evaluation, minSize, Object.keys(terms.classes ?? {})),
      );
      const column = groupings.map((grouping) => grouping.column).join(" and ");
      return [name, { name, column, groups, minSize, absent: parts.absent }];
    }),
  );

/** Groups of a model that are plotted without bounds. */
export const groupsToDraw = (measured: MeasuredSlices): readonly SliceDetails[] =>
  [...measured.values()].flatMap((slice) =>
    typeof slice === "string" ? [] : [{ name: slice.name, column: slice.column, groups: slice.groups }],
  );
