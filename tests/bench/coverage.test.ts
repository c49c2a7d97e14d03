import { expect, test } from "vitest";
import { figuresOf } from "../../bench/simulation/figures.ts";

const cell = { kind: "metric", task: "binary", metric: "f1", rows: 400, prevalence: 0.5 } as const;
const metric = (conclusive: number, low: number, high: number) =>
  ({ kind: "metric", cell, simulations: 100, conclusive, low, high }) as const;

test("errors are shares of the conclusive simulations, and of cells that are conclusive", () => {
  const figures = figuresOf([
    metric(100, 3, 4),
    metric(50, 3, 0),
    // More than half say nothing.
    metric(49, 49, 0),
    { kind: "champion", cell: { ...cell, kind: "champion" }, simulations: 200, inconclusive: 150, passed: 6 },
    {
      kind: "drift",
      simulations: 100,
      psi: 1,
      ks: 0,
      classifier: 1,
      classified: 50,
      cell: { kind: "drift", columns: "mixed", rows: 100, reference: 100 },
    },
    {
      kind: "categories",
      simulations: 100,
      psi: 2,
      cell: { kind: "categories", law: "zipf", categories: 30, rows: 100, reference: 100 },
    },
  ]);
  expect(figures).toEqual({
    cells: 6,
    worstOneSidedError: 0.06,
    worstUnderNominal: 0.02,
    inconclusiveShare: 0.3333,
    psiFalseAlarms: 0.01,
    categoryFalseAlarms: 0.02,
    ksFalseAlarms: 0,
    classifierFalseAlarms: 0.02,
    championWrongPass: 0.03,
  });
});
