import { expect, test } from "vitest";
import { advisoryOnly } from "../../../training/gate/advisory-only.ts";
import { parsePolicy } from "../../../training/gate/policy.ts";

const found = (policy: object, hasContract = false) => advisoryOnly(parsePolicy(policy, "p"), hasContract);
const advisory = { level: "advisory" };

test.each([
  [{ accuracy: { min: 0.5, ...advisory } }, "accuracy.level"],
  [{ task: "binary", performance: { rocAuc: { min: 0.5, ...advisory } } }, "performance.rocAuc.level"],
  [{ performance: { classes: { a: { recall: { min: 0.5, ...advisory } } } } }, "performance.classes.a.recall.level"],
  [{ slices: { s: { column: "x", accuracy: { min: 0.5, ...advisory } } } }, "slices.s.accuracy.level"],
  [{ robustness: { noise: { deviations: 1, flips: { max: 0.1, ...advisory } } } }, "robustness.noise.flips.level"],
  [{ latency: { single: { p95: { max: 5, ...advisory } } } }, "latency.single.p95.level"],
  [{ schema: { signature: advisory } }, "schema.signature.level"],
  [{ custom: { c: { command: ["true"], min: 0, ...advisory } } }, "custom.c.level"],
  [{ baseline: { accuracy: { margin: 0, ...advisory } } }, "baseline.accuracy.level"],
  // Advisory by default.
  [{ data: { nearDuplicates: { max: 0 }, labelLeakage: { max: 0.9 } } }, "data.nearDuplicates.level"],
] as const)("finds the first advisory bound of a policy that can never pass: %j", (policy, level) => {
  expect(found(policy)).toBe(level);
});

test.each([
  { accuracy: { min: 0.5 }, performance: { f1: { min: 0.5, ...advisory } } },
  { data: { nearDuplicates: { max: 0, level: "required" } } },
  { data: { drift: { classifier: {} } } },
  { schema: { signature: {} } },
  // Required for the first version of a model.
  { champion: { first: "pass", accuracy: { margin: 0, ...advisory } } },
])("one required check is enough: %j", (policy) => {
  expect(found(policy)).toBeUndefined();
});

test("a stack's data contract is a required check, unless the policy makes it advisory", () => {
  const policy = { accuracy: { min: 0.5, ...advisory } };
  expect(found(policy, true)).toBeUndefined();
  expect(found({ ...policy, data: { contract: advisory } }, true)).toBe("accuracy.level");
});
