import { expect, test } from "vitest";
import { mainMetrics } from "../../../training/gate/main-metrics.ts";
import type { Policy } from "../../../training/gate/policy.ts";

test.each<[string, Record<string, number>, Policy, object]>([
  ["a classifier", { accuracy: 0.9, log_loss: 0.2 }, {}, { accuracy: 0.9, metrics: { accuracy: 0.9 } }],
  [
    "a classifier whose policy bounds and compares other metrics",
    { accuracy: 0.9, log_loss: 0.2, f1_macro: 0.8, roc_auc: 0.95 },
    {
      accuracy: { min: 0.5 },
      performance: { macroF1: { min: 0.5 } },
      champion: { first: "pass", logLoss: { margin: 0.1 } },
    },
    { accuracy: 0.9, metrics: { accuracy: 0.9, log_loss: 0.2, f1_macro: 0.8 } },
  ],
  ["a model without labels", { roc_auc: 0.9, log_loss: 0.2 }, {}, { metrics: { roc_auc: 0.9 } }],
  [
    "a regressor",
    { root_mean_squared_error: 2, r2: 0.5, mean_error: 1 },
    {},
    { metrics: { root_mean_squared_error: 2, r2: 0.5 } },
  ],
  [
    "a regressor evaluated on a single row",
    { root_mean_squared_error: 2, r2: Number.NaN },
    {},
    { metrics: { root_mean_squared_error: 2 } },
  ],
])("the gate's outputs of %s are valid in a state file", (_, metrics, policy, outputs) => {
  const known = mainMetrics({ metrics, policy, checks: [] });
  expect(known).toEqual(outputs);
  expect(JSON.parse(JSON.stringify(known))).toEqual(outputs);
});

test("metrics that only a check computes are named with their class, target or parameter", () => {
  const policy: Policy = {
    performance: {
      precisionAtRecall: { recall: 0.9, min: 0.5 },
      coverage: { lower: "q05", upper: "q95", min: 0.85, max: 0.95 },
      classes: { gentoo: { recall: { min: 0.9 } } },
      targets: { "price / m2": { rmse: { max: 3 } } },
    },
  };
  const check = (name: string, value?: number) => ({
    ...({ check: `performance.${name}`, group: "performance", outcome: "pass", required: true, detail: "" } as const),
    ...(value !== undefined && { value }),
  });
  const checks = [
    check("precisionAtRecall", 0.6),
    check("classes.gentoo.recall", 0.97),
    check("targets.price / m2.rmse", 2.5),
    check("coverage"),
  ];
  expect(mainMetrics({ metrics: {}, policy, checks }).metrics).toEqual({
    "precision_at_recall_0.9": 0.6,
    recall_gentoo: 0.97,
    "root_mean_squared_error_price _2f_ m2": 2.5,
  });
});
