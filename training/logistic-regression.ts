import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { columnMeans, type Evaluation, evaluateObjective, type Problem } from "./logistic-objective.ts";

export interface LogisticRegressionSettings {
  /** Inverse strength of the L2 penalty, positive, as in scikit-learn. */
  readonly C: number;
  /** Maximum number of Newton steps. Most data needs fewer than ten. */
  readonly maxIterations: number;
}

export interface LogisticRegression {
  /** One per column of the features. */
  readonly coefficients: Float64Array;
  readonly intercept: number;
  /** Number of Newton steps. */
  readonly iterations: number;
}

/**
 * Half the squared Newton decrement estimates the distance of the objective from its minimum. The current step is still taken, which
 * squares the error.
 */
const TOLERANCE = 1e-12;
/** Differences of the objective below this fraction are rounding errors. */
const ROUNDING = 1e-13;
const ARMIJO = 1e-4;
const MAX_HALVINGS = 60;
const MANY_ROWS = 50_000;
/** A prime: data with a period (hours, weeks) is sampled at all phases. */
const STRIDE = 37;

/**
 * Fits L2-penalised logistic regression with an unpenalised intercept: the optimum of scikit-learn's
 * LogisticRegression(C), see evaluateObjective. Newton's method with a backtracking line search and the Newton decrement as
 * stopping rule (Boyd and Vandenberghe, Convex Optimization, 9.5.2): for this loss, a globally convergent IRLS.
 * @param features row-major, labels.length x columns, finite
 * @param labels 0 or 1
 * @throws Error with the reason if there is no optimum (a single class) or it is not reached
 */
export function fitLogisticRegression(
  features: Float64Array,
  labels: Int32Array,
  { C, maxIterations }: LogisticRegressionSettings,
): LogisticRegression {
  const columns = features.length / labels.length;
  refuseUnfit(labels, columns, C);
  const problem = { features, labels, means: columnMeans(features, columns), C };
  const { point, iterations } = minimise(problem, startingPoint(problem, maxIterations), maxIterations);
  const coefficients = point.slice(0, columns);
  // Undo the shift of the columns by their means in the intercept.
  return { coefficients, intercept: (point[columns] as number) - dot(coefficients, problem.means), iterations };
}

/**
 * Returns zeros or, for many rows, the optimum of every STRIDE-th row, from which two or three passes over all rows suffice instead of
 * eight or nine. If the sample has no optimum (a single class), zeros work as well.
 */
function startingPoint(problem: Problem, maxIterations: number): Float64Array {
  const columns = problem.means.length;
  const zeros = new Float64Array(columns + 1);
  if (problem.labels.length < MANY_ROWS) return zeros;
  const labels = problem.labels.filter((_, row) => row % STRIDE === 0);
  const features = new Float64Array(labels.length * columns);
  for (let row = 0; row < labels.length; row++) {
    const start = row * STRIDE * columns;
    features.set(problem.features.subarray(start, start + columns), row * columns);
  }
  try {
    refuseSingleClass(labels);
    return minimise({ ...problem, features, labels, C: problem.C * STRIDE }, zeros, maxIterations).point;
  } catch {
    return zeros;
  }
}

function minimise(problem: Problem, start: Float64Array, maxIterations: number) {
  const evaluate = (point: Float64Array) => evaluateObjective(problem, point);
  let point = start;
  let here = evaluate(point);
  for (let iterations = 1; iterations <= maxIterations; iterations++) {
    const step = newtonStep(here);
    const decrement = -dot(here.gradient, step);
    if (decrement / 2 <= TOLERANCE * here.value) return { point: moved(point, step, 1), iterations };
    [point, here] = lineSearch(evaluate, point, here, step, decrement);
  }
  throw new Error(
    `logistic regression did not converge in ${maxIterations} iterations (C = ${problem.C}): raise maxIterations, lower C, or scale the features`,
  );
}

function refuseUnfit(labels: Int32Array, columns: number, C: number): void {
  if (!(C > 0 && C < Infinity)) throw new RangeError(`C must be a positive number, got ${C}`);
  if (labels.length === 0 || !Number.isInteger(columns) || columns === 0)
    throw new RangeError(`features must be rows x columns, got ${columns} columns for ${labels.length} labels`);
  refuseSingleClass(labels);
}

/** With a single class, the unpenalised intercept would diverge. */
function refuseSingleClass(labels: Int32Array): void {
  if (labels.every((label) => label === labels[0]))
    throw new Error(`all ${labels.length} rows have label ${labels[0]}: a classifier needs rows of both classes`);
}

/** Solves `hessian * step = -gradient`. */
function newtonStep({ value, gradient, hessian }: Evaluation): Float64Array {
  if (![value, ...gradient, ...hessian].every(Number.isFinite))
    throw new Error("logistic regression overflowed: the features are too large. Scale them");
  const size = gradient.length;
  const full = Matrix.zeros(size, size);
  for (let j = 0; j < size; j++)
    for (let k = 0; k <= j; k++) {
      full.set(j, k, hessian[j * size + k] as number);
      full.set(k, j, hessian[j * size + k] as number);
    }
  // If all rows are classified with certainty, the curvature underflows and rounding may destroy the rest: adding a fraction of each
  // diagonal element (Levenberg-Marquardt) shortens the step but does not move the optimum.
  for (let damping = 0; damping < 1e-3; damping = Math.max(1e-14, damping * 10)) {
    const damped = full.clone();
    for (let j = 0; j < size; j++) damped.set(j, j, full.get(j, j) * (1 + damping) + damping);
    const cholesky = new CholeskyDecomposition(damped);
    if (!cholesky.isPositiveDefinite()) continue;
    return Float64Array.from(cholesky.solve(Matrix.columnVector(gradient)).to1DArray(), (value) => -value);
  }
  throw new Error(
    "logistic regression cannot solve for the next step: columns are linearly dependent. Drop one, or scale them",
  );
}

/** Halves the step until the objective decreases enough (Armijo). The next step reuses the evaluation of the accepted point. */
function lineSearch(
  evaluate: (point: Float64Array) => Evaluation,
  from: Float64Array,
  here: Evaluation,
  step: Float64Array,
  decrement: number,
): [Float64Array, Evaluation] {
  for (let halvings = 0, share = 1; halvings < MAX_HALVINGS; halvings++, share /= 2) {
    const point = moved(from, step, share);
    const evaluation = evaluate(point);
    const enough = here.value - ARMIJO * share * decrement + ROUNDING * here.value;
    if (evaluation.value <= enough) return [point, evaluation];
  }
  throw new Error("logistic regression found no step that reduces the loss. Scale the features");
}

const moved = (from: Float64Array, step: Float64Array, share: number) =>
  from.map((value, j) => value + share * (step[j] as number));

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, j) => sum + value * (b[j] as number), 0);
