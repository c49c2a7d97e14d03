import type { Policy } from "../../../../../training/gate/policy.ts";
import type { ModelTask } from "./task-model.ts";

const schema: Policy["schema"] = { signature: {}, sizeMiB: { max: 1 }, operators: {}, externalData: {} };
const data: Policy["data"] = {
  rows: { min: 500 },
  leakage: { max: 0 },
  drift: { psi: { max: 0.25 }, ks: { alpha: 0.01 } },
};
const latency: Policy["latency"] = { single: { p95: { max: 2 } } };

/** All checks, with bounds that the honest model meets. */
export const TASK_POLICIES: Readonly<Record<ModelTask, Policy>> = {
  multiclass: {
    task: "multiclass",
    accuracy: { min: 0.85 },
    performance: {
      accuracy: { min: 0.82, confidence: 0.95 },
      balancedAccuracy: { min: 0.85 },
      mcc: { min: 0.75 },
      kappa: { min: 0.75 },
      macroPrecision: { min: 0.85 },
      macroRecall: { min: 0.85 },
      macroF1: { min: 0.85 },
      logLoss: { max: 0.35 },
      brier: { max: 0.2 },
      calibrationError: { max: 0.05 },
      topK: { k: 2, min: 0.97 },
      rocAucOvr: { min: 0.95 },
      rocAucOvo: { min: 0.95 },
      classes: {
        low: { recall: { min: 0.8 }, precision: { min: 0.8 } },
        high: { recall: { min: 0.8 }, precision: { min: 0.8 }, rocAuc: { min: 0.95 } },
      },
    },
    champion: { first: "fail", accuracy: { margin: 0.03 }, logLoss: { margin: 0.05 } },
    slices: {
      plan: {
        column: "plan",
        accuracy: { min: 0.8 },
        accuracyDifference: { max: 0.1 },
        macroRecallDifference: { max: 0.12 },
        classes: { high: { truePositiveRateDifference: { max: 0.2 }, precisionDifference: { max: 0.2 } } },
      },
      both: { columns: [{ column: "region" }, { column: "member" }], accuracy: { min: 0.78 } },
    },
    robustness: {
      noise: { deviations: 0.05, flips: { max: 0.1 } },
      unseen: { share: 0.2, accuracyDrop: { max: 0.08 } },
      swapped: { share: 0.2, accuracyDrop: { max: 0.08 } },
      nulls: { share: 0.2, flips: { max: 0.05 } },
    },
    latency,
    schema: { ...schema, probabilitySum: { max: 1e-5 } },
    parity: { flips: { max: 0 }, difference: { max: 1e-5 } },
    data,
  },
  regression: {
    task: "regression",
    performance: {
      rmse: { max: 3 },
      mae: { max: 2 },
      medianAe: { max: 1.5 },
      maxError: { max: 40 },
      mape: { max: 0.1 },
      smape: { max: 0.1 },
      msle: { max: 0.02 },
      meanError: { min: -0.5, max: 0.5 },
      r2: { min: 0.95 },
      d2: { min: 0.8 },
      targets: {
        price: { rmse: { max: 5 }, mape: { max: 0.1 }, meanError: { min: -0.5, max: 0.5 } },
        area: { rmse: { max: 1.5 }, r2: { min: 0.95 } },
      },
    },
    champion: { first: "fail", rmse: { margin: 0.2 }, mae: { margin: 0.1 } },
    slices: {
      plan: {
        column: "plan",
        meanErrorDifference: { max: 0.6 },
        rmseDifference: { max: 2.5 },
        targets: { area: { meanErrorDifference: { max: 0.5 }, rmseDifference: { max: 0.5 } } },
      },
      both: { columns: [{ column: "region" }, { column: "member" }], meanErrorDifference: { max: 1 } },
    },
    robustness: {
      noise: { deviations: 0.02, rmseRise: { max: 0.3 } },
      unseen: { share: 0.05, rmseRise: { max: 1 } },
      swapped: { share: 0.05, rmseRise: { max: 1 } },
      nulls: { share: 0.2, rmseRise: { max: 0.5 } },
    },
    latency,
    schema,
    parity: { difference: { max: 1e-4, relative: 1e-6 } },
    data,
  },
};
