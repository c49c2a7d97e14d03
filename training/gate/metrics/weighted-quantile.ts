import { descendingOrder } from "./descending-order.ts";

/**
 * Precomputes the order of the values and returns their weighted quantile: the value at which the weights, accumulated from the smallest value,
 * reach the share; the mean of that value and the next one if they reach it exactly (Hyndman and Fan's second definition, averaged inverted
 * CDF). Without weights, the median is the ordinary one. NaN without any weight.
 */
export function weightedQuantile(values: Float64Array, share: number): (weights?: ArrayLike<number>) => number {
  const order = descendingOrder(values).reverse();
  return (weights) => {
    const total = weights ? sumOf(weights, order) : order.length;
    if (total === 0) return Number.NaN;
    const wanted = share * total;
    let reached = 0;
    let place = 0;
    for (; place < order.length; place++) {
      const weight = weightAt(weights, order[place] as number);
      reached += weight;
      if (weight > 0 && reached >= wanted) break;
    }
    const value = values[order[place] as number] as number;
    if (reached - wanted > Number.EPSILON) return value;
    do place++;
    while (place < order.length && weightAt(weights, order[place] as number) === 0);
    return place < order.length ? (value + (values[order[place] as number] as number)) / 2 : value;
  };
}

const weightAt = (weights: ArrayLike<number> | undefined, row: number): number =>
  weights ? (weights[row] as number) : 1;

/** Adds in the order of the search, so that rounding is identical and the total is reached. */
function sumOf(weights: ArrayLike<number>, order: Uint32Array): number {
  let sum = 0;
  for (let place = 0; place < order.length; place++) sum += weights[order[place] as number] as number;
  return sum;
}
