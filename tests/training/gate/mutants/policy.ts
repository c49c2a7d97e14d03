import type { Policy } from "../../../../training/gate/policy.ts";

/** All checks, with bounds that the honest model meets. */
export const POLICY: Policy = {
  accuracy: { min: 0.88 },
  performance: {
    accuracy: { min: 0.86, confidence: 0.95 },
    balancedAccuracy: { min: 0.88 },
    precision: { min: 0.87 },
    recall: { min: 0.86 },
    f1: { min: 0.87, max: 0.99 },
    // DeLong's lower end is 0.928 for the honest model; the percentile bootstrap put it above 0.93.
    rocAuc: { min: 0.92, confidence: 0.95 },
    prAuc: { min: 0.9 },
    logLoss: { max: 0.3 },
    brier: { max: 0.09 },
    calibrationError: { max: 0.05 },
  },
  champion: { first: "fail", accuracy: { margin: 0.02 }, logLoss: { margin: 0.02 }, rocAuc: { margin: 0.02 } },
  slices: {
    f0: {
      column: "f0",
      cuts: [0],
      accuracy: { min: 0.86 },
      demographicParity: { max: 0.15 },
      equalizedOdds: { max: 0.15 },
      accuracyDifference: { max: 0.1 },
      precisionDifference: { max: 0.15 },
      truePositiveRateDifference: { max: 0.15 },
      falsePositiveRateDifference: { max: 0.15 },
    },
    both: {
      columns: [
        { column: "f0", cuts: [0] },
        { column: "f1", cuts: [0] },
      ],
      accuracy: { min: 0.8 },
    },
  },
  robustness: {
    noise: { deviations: 0.1, flips: { max: 0.1 }, accuracyDrop: { max: 0.05 } },
    missing: { share: 0.05, flips: { max: 0.1 }, accuracyDrop: { max: 0.05 } },
  },
  latency: { single: { p95: { max: 2 } }, batch: { p95: { max: 10 } }, throughput: { min: 5_000 } },
  schema: {
    signature: {},
    probabilitySum: { max: 1e-5 },
    sizeMiB: { max: 4 },
    operators: {},
    externalData: {},
  },
  parity: { flips: { max: 0 }, difference: { max: 1e-5 } },
  data: {
    rows: { min: 300 },
    leakage: { max: 0 },
    drift: { psi: { max: 0.25 }, ks: { alpha: 0.01 } },
  },
};
