import { expect, test } from "vitest";
import { registryOf } from "../../../infra/targets/docker/image-plan.ts";
import { canaryReplicas } from "../../../infra/targets/kubernetes/canary/replicas-and-weights.ts";
import { hashOf } from "../../../infra/targets/kubernetes/hashed-config.ts";
import { objectName } from "../../../infra/targets/kubernetes/labels.ts";
import { dockerConfig } from "../../../infra/targets/kubernetes/pull-secret.ts";

test.each([
  ["churn-model", "churn-model"],
  ["Churn_Model.v2", "churn-model-v2"],
  ["_x_", "x"],
  ["...", "model"],
  ["a".repeat(60), "a".repeat(40)],
])("a model %s has objects named %s", (model, name) => {
  expect(objectName(model)).toBe(name);
});

test("a hash does not depend on the order of the values", () => {
  expect(hashOf({ a: "1", b: "2" })).toBe(hashOf({ b: "2", a: "1" }));
  expect(hashOf({ a: "1", b: "2" })).not.toBe(hashOf({ a: "1", b: "3" }));
  expect(hashOf({ a: "1" })).toMatch(/^[0-9a-f]{10}$/);
});

test.each([
  [`acme/churn@sha256:1`, "docker.io"],
  [`docker.io/acme/churn@sha256:1`, "docker.io"],
  [`localhost:5000/churn@sha256:1`, "localhost:5000"],
  [`ghcr.io/acme/churn@sha256:1`, "ghcr.io"],
])("%s is pulled from %s", (image, registry) => {
  expect(registryOf(image)).toBe(registry);
});

test("Docker Hub's password is stored under its former API address", () => {
  expect(JSON.parse(dockerConfig("docker.io", "robot", "word"))).toEqual({
    auths: { "https://index.docker.io/v1/": { username: "robot", password: "word", auth: "cm9ib3Q6d29yZA==" } },
  });
});

test.each([
  [2, 10, 1],
  [9, 10, 1],
  [18, 10, 2],
  [3, 25, 1],
  [10, 50, 10],
])("beside %i stable pods %i %% are %i canary pods", (stable, percent, canary) => {
  expect(canaryReplicas(stable, percent)).toBe(canary);
});
