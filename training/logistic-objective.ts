/** The objective at one point, with its derivatives for Newton's method. `size` = columns + 1, the intercept last. */
export interface Evaluation {
  readonly value: number;
  /** `size` numbers. */
  readonly gradient: Float64Array;
  /** size x size, row-major; only its lower triangle is filled. */
  readonly hessian: Float64Array;
}

export interface Problem {
  /** Row-major, labels.length x means.length. */
  readonly features: Float64Array;
  /** 0 or 1. */
  readonly labels: Int32Array;
  /** Subtracted from the columns. */
  readonly means: Float64Array;
  /** Inverse regularization strength. */
  readonly C: number;
}

/** Rows per block: their columns stay in the processor's cache while each element of the Hessian sums over them. */
const BLOCK = 128;

/**
 * scikit-learn's objective of L2-penalised logistic regression with an unpenalised intercept, in w and b:
 * `0.5 w'w + C * sum_i log(1 + exp(-s_i z_i))`, `z_i = x_i'w + b`, `s_i` = 1 for label 1 and -1 for label 0
 * (https://scikit-learn.org/stable/modules/linear_model.html#binary-case). Gradient and Hessian: Hastie, Tibshirani and
 * Friedman, The Elements of Statistical Learning, 4.4.1.
 *
 * Columns are shifted by `means`. Since the intercept is not penalised, the optimal w does not change and b becomes
 * b + means'w; but columns far from zero (years, timestamps) no longer make the Hessian ill-conditioned.
 * @param point w, then b
 */
export function evaluateObjective({ features, labels, means, C }: Problem, point: Float64Array): Evaluation {
  const size = means.length + 1;
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  // Column after column of the block, the last one all ones for the intercept.
  const block = new Float64Array(size * BLOCK).fill(1);
  const slopes = new Float64Array(BLOCK);
  const curvatures = new Float64Array(BLOCK);
  let loss = 0;
  for (let from = 0; from < labels.length; from += BLOCK) {
    const rows = Math.min(BLOCK, labels.length - from);
    fillBlock(block, features, means, from, rows);
    loss += derivatives(block, labels, point, from, rows, slopes, curvatures);
    accumulate(block, slopes, curvatures, gradient, hessian);
  }
  return penalised(loss, gradient, hessian, C, point);
}

function fillBlock(block: Float64Array, features: Float64Array, means: Float64Array, from: number, rows: number): void {
  const columns = means.length;
  for (let j = 0; j < columns; j++) {
    const mean = means[j] as number;
    for (let i = 0, at = from * columns + j; i < rows; i++, at += columns)
      block[j * BLOCK + i] = (features[at] as number) - mean;
  }
}

/** Writes the first and second derivative of each row's loss by z, and returns the sum of the losses. */
function derivatives(
  block: Float64Array,
  labels: Int32Array,
  point: Float64Array,
  from: number,
  rows: number,
  slopes: Float64Array,
  curvatures: Float64Array,
): number {
  const columns = point.length - 1;
  // Clear the rows of the previous block: the last block may not be full.
  slopes.fill(0);
  curvatures.fill(0);
  let loss = 0;
  for (let i = 0; i < rows; i++) {
    let z = point[columns] as number;
    for (let j = 0; j < columns; j++) z += (block[j * BLOCK + i] as number) * (point[j] as number);
    const sign = labels[from + i] === 1 ? 1 : -1;
    const margin = sign * z;
    // exp() of a non-positive number cannot overflow, and there is no cancellation.
    const tail = Math.exp(-Math.abs(margin));
    const scale = 1 / (1 + tail);
    loss += Math.log1p(tail) + Math.max(0, -margin);
    slopes[i] = -sign * (margin >= 0 ? tail * scale : scale);
    curvatures[i] = tail * scale * scale;
  }
  return loss;
}

/** Adds a block to the gradient and the Hessian's lower triangle. Uses four partial sums: with a single one, each addition would wait for the last. */
function accumulate(
  block: Float64Array,
  slopes: Float64Array,
  curvatures: Float64Array,
  gradient: Float64Array,
  hessian: Float64Array,
): void {
  const size = gradient.length;
  const weighted = new Float64Array(BLOCK);
  for (let j = 0; j < size; j++) {
    let slope = 0;
    for (let i = 0; i < BLOCK; i++) {
      const x = block[j * BLOCK + i] as number;
      slope += (slopes[i] as number) * x;
      weighted[i] = (curvatures[i] as number) * x;
    }
    gradient[j] = (gradient[j] as number) + slope;
    for (let k = 0; k <= j; k++) {
      const start = k * BLOCK;
      let [a, b, c, d] = [0, 0, 0, 0];
      for (let i = 0; i < BLOCK; i += 4) {
        a += (weighted[i] as number) * (block[start + i] as number);
        b += (weighted[i + 1] as number) * (block[start + i + 1] as number);
        c += (weighted[i + 2] as number) * (block[start + i + 2] as number);
        d += (weighted[i + 3] as number) * (block[start + i + 3] as number);
      }
      hessian[j * size + k] = (hessian[j * size + k] as number) + a + b + (c + d);
    }
  }
}

/** Scales the sums over the rows by C and adds the penalty, without the intercept. */
function penalised(loss: number, gradient: Float64Array, hessian: Float64Array, C: number, point: Float64Array) {
  const size = point.length;
  let penalty = 0;
  for (let j = 0; j < size; j++) {
    const weight = j < size - 1 ? (point[j] as number) : 0;
    penalty += 0.5 * weight * weight;
    gradient[j] = C * (gradient[j] as number) + weight;
  }
  for (let k = 0; k < hessian.length; k++) hessian[k] = C * (hessian[k] as number);
  for (let j = 0; j < size - 1; j++) hessian[j * size + j] = (hessian[j * size + j] as number) + 1;
  return { value: penalty + C * loss, gradient, hessian };
}

/** Computes the mean of each column of a row-major matrix. */
export function columnMeans(features: Float64Array, columns: number): Float64Array {
  const means = new Float64Array(columns);
  const rows = features.length / columns;
  for (let start = 0; start < features.length; start += columns)
    for (let j = 0; j < columns; j++) means[j] = (means[j] as number) + (features[start + j] as number) / rows;
  return means;
}
