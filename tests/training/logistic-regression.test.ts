import { describe, expect, test } from "vitest";
import { columnMeans, evaluateObjective } from "../../training/logistic-objective.ts";
import { fitLogisticRegression, type LogisticRegression } from "../../training/logistic-regression.ts";
import { CHURN, type Fit, scikitLearn } from "../fixtures/training/recorded.ts";
import { loadNumbers } from "../helpers/number-rows.ts";

const { features, labels } = await loadNumbers(`${CHURN}/train.csv`);
const settings = { C: 1, maxIterations: 200 };

const distance = (fit: { coefficients: ArrayLike<number>; intercept: number }, other: Fit) =>
  Math.max(
    Math.abs(fit.intercept - other.intercept),
    ...other.coefficients.map((value, index) => Math.abs(value - (fit.coefficients[index] ?? Number.NaN))),
  );

describe("agrees with scikit-learn", () => {
  test.each(Object.entries(scikitLearn.optimum))("at the optimum for C = %s", (C, optimum) => {
    const fit = fitLogisticRegression(features, labels, { ...settings, C: Number(C) });
    expect(distance(fit, optimum)).toBeLessThan(1e-11);
    expect(fit.iterations).toBeLessThan(10);
  });

  test("within 1e-4 of the point where lbfgs stops", () => {
    expect(distance(fitLogisticRegression(features, labels, settings), scikitLearn.lbfgs)).toBeLessThan(1e-4);
  });
});

test("reaches a minimum: the gradient of the objective vanishes", () => {
  const { coefficients, intercept } = fitLogisticRegression(features, labels, settings);
  const point = Float64Array.of(...coefficients, intercept);
  const { gradient } = evaluateObjective({ features, labels, means: new Float64Array(10), C: 1 }, point);
  expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-9);
});

test("shifting a column only changes the intercept", () => {
  const shifted = features.map((value, index) => (index % 10 === 3 ? value + 2 ** 20 : value));
  const plain = fitLogisticRegression(features, labels, settings);
  const moved = fitLogisticRegression(shifted, labels, settings);
  expect(distance(moved, { coefficients: [...plain.coefficients], intercept: moved.intercept })).toBeLessThan(1e-8);
  expect(moved.intercept).toBeCloseTo(plain.intercept - (plain.coefficients[3] ?? 0) * 2 ** 20, 2);
});

test("starts from a sample if there are many rows, and reaches the same optimum", () => {
  const copies = 40;
  const many = { features: new Float64Array(features.length * copies), labels: new Int32Array(labels.length * copies) };
  for (let copy = 0; copy < copies; copy++) {
    many.features.set(features, copy * features.length);
    many.labels.set(labels, copy * labels.length);
  }
  const fit = fitLogisticRegression(many.features, many.labels, { ...settings, C: 1 / copies });
  expect(distance(fit, scikitLearn.optimum["1"] as Fit)).toBeLessThan(1e-10);
  expect(fit.iterations).toBeLessThan(6);
});

describe("hard data", () => {
  test("perfectly separable classes have an optimum, thanks to the penalty", () => {
    const { coefficients } = fitLogisticRegression(Float64Array.of(-2, -1, 1, 2), Int32Array.of(0, 0, 1, 1), {
      C: 1e6,
      maxIterations: 200,
    });
    expect(coefficients[0]).toBeGreaterThan(5);
    expect(coefficients[0]).toBeLessThan(100);
  });

  test("identical columns share the weight", () => {
    const { coefficients } = fitLogisticRegression(
      Float64Array.of(-2, -2, 1, 1, -1, -1, 2, 2),
      Int32Array.of(0, 0, 1, 1),
      settings,
    );
    expect(coefficients[0]).toBeGreaterThan(0.1);
    expect(coefficients[0]).toBeCloseTo(coefficients[1] ?? Number.NaN, 12);
  });

  test("a constant column gets no weight", () => {
    const { coefficients } = fitLogisticRegression(
      Float64Array.of(7, -2, 7, 1, 7, 0, 7, 2),
      Int32Array.of(0, 1, 0, 1),
      settings,
    );
    expect(coefficients[0]).toBe(0);
  });

  test("values near the limits of float32 neither overflow nor prevent convergence", () => {
    const huge = features.map((value) => value * 1e37);
    const scores = (x: Float64Array, { coefficients, intercept }: LogisticRegression) =>
      Array.from(labels, (_, row) =>
        coefficients.reduce((sum, weight, column) => sum + weight * (x[row * 10 + column] ?? Number.NaN), intercept),
      );
    // The penalty does not affect such small weights: the scores equal those of a nearly unpenalised fit of the unscaled features.
    const plain = scores(features, fitLogisticRegression(features, labels, { ...settings, C: 1e6 }));
    const found = scores(huge, fitLogisticRegression(huge, labels, settings));
    expect(Math.max(...found.map((score, row) => Math.abs(score - (plain[row] ?? Number.NaN))))).toBeLessThan(1e-6);
  });
});

describe("explains why it cannot fit", () => {
  test.each([
    ["one class", [1, 2, 3], [1, 1, 1], settings, "all 3 rows have label 1: a classifier needs rows of both classes"],
    ["no rows", [], [], settings, "features must be rows x columns"],
    ["C of 0", [1, 2], [0, 1], { ...settings, C: 0 }, "C must be a positive number, got 0"],
    [
      "too few iterations",
      [1, 2, 3],
      [0, 1, 0],
      { C: 1, maxIterations: 1 },
      "did not converge in 1 iterations (C = 1)",
    ],
    ["overflow", [1e300, -1e300], [0, 1], settings, "the features are too large. Scale them"],
  ])("%s", (_name, x, y, given, message) => {
    expect(() => fitLogisticRegression(Float64Array.from(x), Int32Array.from(y), given)).toThrow(message);
  });
});

test("computes column means", () => {
  expect([...columnMeans(Float64Array.of(1, 10, 3, 30), 2)]).toEqual([2, 20]);
});
