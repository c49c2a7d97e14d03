import { isNumberType } from "../../data/field.ts";
import { isFloatType } from "../../data/number-array.ts";
import type { Signature } from "../predictor/signature.ts";
import type { DriftReference } from "../watch/drift.ts";

/** Range that holds most values of a column. */
export interface NumberRange {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** Returns the ranges of scalar number columns that have bins in the drift reference, by name. */
export function numberRanges(reference: DriftReference, { inputs }: Signature): ReadonlyMap<string, NumberRange> {
  return new Map(
    reference.flatMap(({ name, fieldIndex, binning: { edges } }) => {
      const field = inputs[fieldIndex];
      const [low, middle, high] = [edges[0], edges[Math.floor(edges.length / 2)], edges.at(-1)];
      if (!field || field.shape || !isNumberType(field.type)) return [];
      if (low === undefined || middle === undefined || high === undefined) return [];
      const value = isFloatType(field.type) ? (edge: number) => edge : Math.round;
      return [[name, { low: value(low), middle: value(middle), high: value(high) }] as const];
    }),
  );
}
