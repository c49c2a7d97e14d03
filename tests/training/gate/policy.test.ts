import { expect, test } from "vitest";
import { sha256 } from "../../../registry/artifact-digest.ts";
import { type Policy, policySchema, policySha256 } from "../../../training/gate/policy.ts";

test.each([
  [{}, "must name at least one check"],
  [{ accuracy: undefined }, "must name at least one check"],
  [{ accuracy: { min: 0.9 }, acuracy: { min: 0.9 } }, "acuracy"],
  [{ accuracy: {} }, "must have min or max"],
  [{ accuracy: { min: "0.9" } }, "expected number"],
  [{ accuracy: { min: Number.NaN } }, "expected number"],
  [{ accuracy: { min: 1.01 } }, "must be between 0 and 1"],
  [{ accuracy: { min: -0.01 } }, "must be between 0 and 1"],
  [{ accuracy: 0.9 }, "expected object"],
])("rejects the policy %j", (policy, message) => {
  expect(() => policySchema.parse(policy)).toThrow(message);
});

test.each([0, 0.9, 1])("accepts a minimum accuracy of %d", (min) => {
  expect(policySchema.parse({ accuracy: { min } })).toEqual({ accuracy: { min } });
});

test("hashes a policy as canonical JSON, independent of the order of keys", () => {
  expect(policySha256({ accuracy: { min: 0.9 } })).toBe(sha256('{"accuracy":{"min":0.9}}'));
  // The hash does not depend on checks added later.
  const one = { b: { min: 1, max: [2, 1] }, a: { x: 1, y: null } } as unknown as Policy;
  const other = { a: { y: null, x: 1 }, b: { max: [2, 1], min: 1 } } as unknown as Policy;
  expect(policySha256(one)).toBe(policySha256(other));
  expect(policySha256(one)).not.toBe(policySha256({ ...other, a: { y: 1, x: null } } as unknown as Policy));
});

test("a changed bound changes the hash; an absent check equals an undefined one", () => {
  expect(policySha256({ accuracy: { min: 0.9 } })).not.toBe(policySha256({ accuracy: { min: 0.85 } }));
  expect(policySha256({ accuracy: undefined })).toBe(policySha256({}));
});
