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
  // Bounds out of range, and bounds that nothing can keep.
  [{ accuracy: { min: 85 } }, "accuracy.min must be between 0 and 1, got 85"],
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
  [{ data: { drift: { ks: { alpha: 2 } } } }, "data.drift.ks.alpha must be between 0 and 1, got 2"],
  [{ inconclusive: "fail", accuracy: { min: 0.5 } }, 'inconclusive must be block or pass, got "fail"'],
  [{ accuracy: { min: 0.5, level: "advice" } }, 'accuracy.level must be required or advisory, got "advice"'],
  // What is not there, and a group of checks that checks nothing.
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
  // Copied with the key of a stack file.
  [
    { "model-promotion:gate": { accuracy: { min: 0.9 } } },
    "model-promotion:gate is not a setting of a policy. Give what stands under it",
  ],
  [{ gate: { accuracy: { min: 0.9 } } }, "gate is not a setting of a policy. Give what stands under it"],
  // Misspelt, at every level.
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
] as const)("refuses %j", (policy, message) => {
  expect(() => parsePolicy(policy, "policy.yaml")).toThrow(`policy.yaml: ${message}`);
});

test("says of a misspelt key that it is misspelt, and nothing that follows from that", () => {
  const told = () => parsePolicy({ accuracy: { mim: 0.9 } }, "p");
  expect(told).toThrow(/^p: accuracy\.mim is not a setting\. The nearest is accuracy\.min$/);
});

test("a column may be called by a number, which YAML reads as one", () => {
  expect(parsePolicy({ slices: { a: { ...slice, column: 0 } } }, "p").slices?.a?.column).toBe("0");
});
