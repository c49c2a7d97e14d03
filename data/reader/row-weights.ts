import type { NumberColumn } from "../table.ts";
import type { RangedField } from "./column-types.ts";
import { emptyAt, type Fault, type TypedColumn } from "./typed-columns.ts";

export const weightField = (name: string): RangedField => ({
  name,
  type: "float64",
  nullable: false,
  block: "weights",
});

/** Outside these limits, squares and sums of weights overflow or underflow, and no interval is defined. */
const [SMALLEST, LARGEST] = [1e-100, 1e100];

/** Returns the weights of the rows, or the first invalid cell. @param column of weightField */
export function weightsOf({ field: { name }, column, fault }: TypedColumn): Float64Array | Fault {
  if (fault) return fault;
  const weights = (column as NumberColumn).data as Float64Array;
  const row = weights.findIndex((weight) => weight < 0);
  if (row < 0) return extremeWeight(name, weights) ?? weights;
  return { name, row, reason: `column ${name} must be a weight of 0 or more, got "${weights[row]}"` };
}

function extremeWeight(name: string, weights: Float64Array): Fault | undefined {
  const row = weights.findIndex((weight) => weight !== 0 && (weight < SMALLEST || weight > LARGEST));
  if (row < 0) return undefined;
  const reason = `column ${name} must be 0, or from ${SMALLEST} to ${LARGEST}, got "${weights[row]}" (scale all weights: only their ratios matter)`;
  return { name, row, reason };
}

/** Returns the remedy for a fault of a weight. */
export const weightRemedy = ({ reason, name, row }: Fault): string =>
  reason === emptyAt(name, row).reason ? ": each row needs a weight" : ": data.weights names the column";
