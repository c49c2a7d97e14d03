import { descendingOrder } from "./descending-order.ts";

/**
 * Sorts the values once and returns their weighted quantile as a function of the weights. The quantile is the value at which the weights, accumulated
 * from the smallest value, reach the share. If they reach it exactly, it is the mean of that value and the next one (Hyndman and Fan's second
 * definition, averaged inverted CDF). Without weights, the median is the ordinary one. NaN if all weights are 0.
 */
export function weightedQuantile(values: Float64Array, share: number): (weights?: ArrayLike<number>) => number {
  const order = descendingOrder(values).reverse();
  return (weights) => {
    const total = weights ? sumOf(weights, order) : order.length;
    if (total === 0) return Number.NaN;
    const target = share * total;
    let reached = 0;
    let index = 0;
    for (; index < order.length; index++) {
      const weight = weightAt(weights, order[index] as number);
      reached += weight;
      if (weight > 0 && reached >= target) break;
    }
    const value = values[order[index] as number] as number;
    if (reached - target > Number.EPSILON) return value;
    do index++;
    while (index < order.length && weightAt(weights, order[index] as number) === 0);
    return index < order.length ? (value + (values[order[index] as number] as number)) / 2 : value;
  };
}

const weightAt = (weights: ArrayLike<number> | undefined, row: number): number =>
  weights ? (weights[row] as number) : 1;

/** Adds in the order of the search, so that rounding is identical and the total is reached. */
function sumOf(weights: ArrayLike<number>, order: Uint32Array): number {
  let sum = 0;
  for (let index = 0; index < order.length; index++) sum += weights[order[index] as number] as number;
  return sum;
}
