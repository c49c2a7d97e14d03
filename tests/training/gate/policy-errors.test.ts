import { expect, test } from "vitest";
import { parsePolicy } from "../../../training/gate/policy.ts";

const slice = { column: "f0", accuracy: { min: 0.5 } };

test.each([
  // Wrong types.
  [null, "the policy must be an object, got null"],
  [[], "the policy must be an object, got []"],
  [{ accuracy: 0.9 }, "accuracy must be an object, got 0.9"],
  [{ accuracy: { min: "abc" } }, 'accuracy.min must be a number, got "abc"'],
  [{ accuracy: { min: true } }, "accuracy.min must be a number, got true"],
  [{ data: { rows: { min: 1.5 } } }, "data.rows.min must be a whole number, got 1.5"],
  [{ slices: { a: 3 } }, "slices.a must be an object, got 3"],
  [{ slices: { a: { ...slice, cuts: 1 } } }, "slices.a.cuts must be a list, got 1"],
  [{ schema: { signature: true } }, "schema.signature must be an object, got true"],
  // Bounds out of range, and bounds that no model can meet.
  [
    { accuracy: { min: 85 } },
    "accuracy.min must be between 0 and 1, got 85: shares are written from 0 to 1, so 85 % is 0.85",
  ],
  [
    { robustness: { noise: { deviations: 1, flips: { max: 10 } } } },
    "robustness.noise.flips.max must be between 0 and 1, got 10: shares are written from 0 to 1, so 85 % is 0.85",
  ],
  [
    { performance: { mape: { max: 15 } } },
    "performance.mape.max must be at most 10, which is 1000 %, got 15: mean absolute percentage error is a share from 0 upward, so 15 % is 0.15. Or set level: advisory",
  ],
  [{ performance: { targets: { a: { mape: { max: 15 } } } } }, "performance.targets.a.mape.max must be at most 10"],
  [
    { robustness: { noise: { deviations: 1, rmseRise: { max: 20 } } } },
    "robustness.noise.rmseRise.max must be at most 10, which is 1000 %, got 20: the increase is a share from 0 upward",
  ],
  [{ accuracy: { min: 0.5, confidence: 95 } }, "accuracy.confidence must be between 0 and 1, such as 0.95, got 95"],
  [{ accuracy: { min: 0.9, max: 0.1 } }, "accuracy must not have a min above its max"],
  [{ performance: { logLoss: { max: -1 } } }, "performance.logLoss.max must not be negative, got -1"],
  [
    { robustness: { noise: { deviations: 0, flips: { max: 0.1 } } } },
    "robustness.noise.deviations must be more than 0",
  ],
  [{ latency: { single: { p95: { max: 0 } } } }, "latency.single.p95.max must be more than 0, got 0"],
  [{ slices: { a: { ...slice, quantiles: 1 } } }, "slices.a.quantiles must be from 2 to 20, got 1"],
  [{ slices: { a: { ...slice, minSize: 0 } } }, "slices.a.minSize must be at least 1, got 0"],
  [{ data: { drift: { ks: { alpha: 2 } } } }, "data.drift.ks.alpha must be between 0 and 1"],
  [{ inconclusive: "fail", accuracy: { min: 0.5 } }, 'inconclusive must be block or pass, got "fail"'],
  [{ accuracy: { min: 0.5, level: "advice" } }, 'accuracy.level must be required or advisory, got "advice"'],
  // Bounds that any model passes.
  [
    { performance: { rmse: { min: 3 } } },
    'performance.rmse must have max, got {"min":3}: smaller is better, so any worse model passes a min alone. Set both, or level: advisory',
  ],
  [{ performance: { logLoss: { min: 0.1 } } }, 'performance.logLoss must have max, got {"min":0.1}: smaller is better'],
  [
    { accuracy: { max: 0.9 } },
    'accuracy must have min, got {"max":0.9}: larger is better, so any worse model passes a max alone. Set both, or level: advisory',
  ],
  [
    { performance: { topK: { k: 2, max: 0.9 } } },
    'performance.topK must have min, got {"k":2,"max":0.9}: larger is better',
  ],
  [
    { performance: { pinball: { quantile: 0.5, min: 1 } } },
    'performance.pinball must have max, got {"quantile":0.5,"min":1}: smaller is better',
  ],
  [
    { performance: { expectedCost: { falsePositive: 1, falseNegative: 1, min: 1 } } },
    'performance.expectedCost must have max, got {"falsePositive":1,"falseNegative":1,"min":1}: smaller is better',
  ],
  [
    { performance: { classes: { a: { brier: { min: 0.1 } } } } },
    'performance.classes.a.brier must have max, got {"min":0.1}: smaller is better',
  ],
  [
    { champion: { first: "pass", accuracy: { margin: 5 } } },
    "champion.accuracy.margin must be less than 1, got 5: values lie between 0 and 1, so 5 % is 0.05",
  ],
  [{ champion: { first: "pass", mcc: { margin: 2 } } }, "champion.mcc.margin must be less than 2"],
  [{ baseline: { rocAuc: { margin: 1 } } }, "baseline.rocAuc.margin must be less than 1"],
  [
    { robustness: { missing: { share: 0, flips: { max: 0.1 } } } },
    "robustness.missing.share must be more than 0 and at most 1, got 0",
  ],
  [
    { performance: { pinball: { quantile: 0, max: 1 } } },
    "performance.pinball.quantile must be between 0 and 1, exclusive, got 0: at 0 any low enough prediction has no loss",
  ],
  // Checks of another task than gate.task.
  [
    { task: "regression", accuracy: { min: 0.9 } },
    "accuracy is a metric for binary and multiclass, but gate.task is regression",
  ],
  [
    { task: "multiclass", performance: { f1: { min: 0.3 } } },
    "performance.f1 is a metric for binary, but gate.task is multiclass. Use macroF1, or performance.classes.<class>.f1 for one class",
  ],
  [
    { task: "binary", champion: { first: "pass", macroF1: { margin: 0 } } },
    "champion.macroF1 is a metric for multiclass, but gate.task is binary",
  ],
  [
    { task: "binary", performance: { classes: { a: { recall: { min: 0.5 } } } } },
    "performance.classes requires gate.task: multiclass, but gate.task is binary",
  ],
  [
    { task: "regression", slices: { a: slice } },
    "slices.a.accuracy requires gate.task: binary or multiclass, but gate.task is regression",
  ],
  [
    { task: "multiclass", slices: { a: { column: "f0", targets: { b: { rmseDifference: { max: 1 } } } } } },
    "slices.a.targets requires gate.task: regression, but gate.task is multiclass",
  ],
  [
    { task: "regression", robustness: { noise: { deviations: 1, flips: { max: 0.1 } } } },
    "robustness.noise.flips requires a classifier, but gate.task is regression. Use rmseRise",
  ],
  [
    { task: "binary", robustness: { noise: { deviations: 1, rmseRise: { max: 0.1 } } } },
    "robustness.noise.rmseRise requires gate.task: regression, but gate.task is binary. Use flips or accuracyDrop",
  ],
  [
    { task: "regression", parity: { flips: { max: 0 } } },
    "parity.flips requires a classifier, but gate.task is regression. Use difference",
  ],
  [
    { task: "regression", schema: { probabilitySum: { max: 0.1 } } },
    "schema.probabilitySum requires a classifier, but gate.task is regression",
  ],
  // Missing values, and groups without checks.
  [{ champion: { first: "pass", accuracy: {} } }, "champion.accuracy.margin is missing"],
  [{ champion: { accuracy: { margin: 0 } } }, "champion.first is missing: must be pass or fail"],
  [{ champion: { first: "pass" } }, "champion must name at least one metric"],
  [{ slices: { a: { accuracy: { min: 0.5 } } } }, "slices.a.column is missing: must name a column"],
  [{ robustness: { seed: 1 } }, "robustness must have noise, missing, unseen, swapped or nulls"],
  [{ robustness: { missing: { share: 0.1 } } }, "robustness.missing must have flips, accuracyDrop or rmseRise"],
  [{ latency: {} }, "latency must have single, batch or throughput"],
  [{ latency: { batch: {} } }, "latency.batch must have p50, p95 or p99"],
  [{ parity: {} }, "parity must have flips or difference"],
  [{ data: { drift: {} } }, "data.drift must have psi, ks or classifier"],
  [{ performance: { classes: {} } }, "performance.classes must name at least one"],
  [{ slices: { a: { column: "f0", classes: {} } } }, "slices.a.classes must name at least one"],
  [{ slices: { a: { ...slice, column: undefined, columns: ["b", "b"] } } }, "slices.a.columns must have two columns"],
  [{ slices: { a: { ...slice, categories: ["x", "x"] } } }, "slices.a.categories must not repeat a value"],
  // Copied with the key of a stack file.
  [
    { "model-promotion:gate": { accuracy: { min: 0.9 } } },
    "model-promotion:gate is not a setting of a policy. Use its content instead",
  ],
  [{ gate: { accuracy: { min: 0.9 } } }, "gate is not a setting of a policy. Use its content instead"],
  // Misspelled keys at every level.
  [{ accurcy: { min: 0.9 } }, "accurcy is not a setting. The nearest is accuracy"],
  [{ accuracy: { minimum: 0.9 } }, "accuracy.minimum is not a setting. The nearest is accuracy.min"],
  [
    { champion: { first: "pass", acc: { margin: 0 } } },
    "champion.acc is not a setting. The nearest is champion.accuracy",
  ],
  [{ slices: { a: { ...slice, min_size: 9 } } }, "slices.a.min_size is not a setting. The nearest is slices.a.minSize"],
  [
    { slices: { a: { column: "f0", accuracy: { minn: 0.5 } } } },
    "slices.a.accuracy.minn is not a setting. The nearest is slices.a.accuracy.min",
  ],
  [
    { robustness: { noise: { deviation: 1, flips: { max: 1 } } } },
    "robustness.noise.deviation is not a setting. The nearest is robustness.noise.deviations",
  ],
  [
    { schema: { operators: { domain: ["ai.onnx"] } } },
    "schema.operators.domain is not a setting. The nearest is schema.operators.domains",
  ],
  [
    { data: { drift: { psi: { maximum: 1 } } } },
    "data.drift.psi.maximum is not a setting. The nearest is data.drift.psi.max",
  ],
  // Missing group.
  [{ f1: { min: 0.9 } }, "f1 is not a setting. The nearest is performance.f1"],
  [{ rocAuc: { min: 0.9 } }, "rocAuc is not a setting. The nearest is performance.rocAuc"],
  [{ leakage: { max: 0 } }, "leakage is not a setting. The nearest is data.leakage"],
  [{ data: { psi: { max: 0.2 } } }, "data.psi is not a setting. The nearest is data.drift.psi"],
] as const)("rejects %j", (policy, message) => {
  expect(() => parsePolicy(policy, "policy.yaml")).toThrow(`policy.yaml: ${message}`);
});

test("reports a misspelled key without consequential errors", () => {
  const parse = () => parsePolicy({ accuracy: { mim: 0.9 } }, "p");
  expect(parse).toThrow(/^p: accuracy\.mim is not a setting\. The nearest is accuracy\.min$/);
});

test("a column name may be a number in YAML", () => {
  expect(parsePolicy({ slices: { a: { ...slice, column: 0 } } }, "p").slices?.a?.column).toBe("0");
});

test.each([
  { accuracy: { min: 0, max: 0.99 } },
  { accuracy: { min: 0.9 }, performance: { rocAuc: { max: 0.999, level: "advisory" } } },
  { champion: { first: "pass", rmse: { margin: 5 }, mcc: { margin: 1.5 } } },
  { task: "anomaly", performance: { rocAuc: { min: 0.9 }, recall: { min: 0.5 } }, slices: { a: slice } },
  { task: "multiclass", accuracy: { min: 0.9 }, performance: { classes: { a: { recall: { min: 0.5 } } } } },
  { task: "regression", performance: { targets: { a: { rmse: { max: 1 } } } }, parity: { difference: { max: 0 } } },
])("accepts %j", (policy) => {
  expect(parsePolicy(policy, "p")).toEqual(policy);
});
