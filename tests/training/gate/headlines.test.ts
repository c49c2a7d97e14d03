import { expect, test } from "vitest";
import { headlines } from "../../../training/gate/pass-gate.ts";

test.each([
  ["a classifier", { accuracy: 0.9, log_loss: 0.2 }, { accuracy: 0.9, metrics: { accuracy: 0.9 } }],
  [
    "a regressor",
    { root_mean_squared_error: 2, r2: 0.5, mean_error: 1 },
    { metrics: { root_mean_squared_error: 2, r2: 0.5 } },
  ],
  [
    "a regressor of a single row",
    { root_mean_squared_error: 2, r2: Number.NaN },
    { metrics: { root_mean_squared_error: 2 } },
  ],
])("a gate's outputs of %s hold numbers that a state file can hold", (_, metrics, outputs) => {
  expect(headlines(metrics)).toEqual(outputs);
  expect(JSON.parse(JSON.stringify(headlines(metrics)))).toEqual(outputs);
});
