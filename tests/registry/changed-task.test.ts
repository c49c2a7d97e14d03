import { afterAll, expect, test } from "vitest";
import { provider as deploymentCheck } from "../../infra/deployment-check/deployment-check-provider.ts";
import type { EnvironmentName } from "../../registry/evidence.ts";
import { changedTask } from "../../registry/registry-input.ts";
import { provider as registryStage } from "../../registry/registry-stage-provider.ts";
import { provider as qualityGate } from "../../training/gate/quality-gate-provider.ts";
import { json, serve } from "../helpers/http-server.ts";

/** A registry that agrees with the state: the stage's provider reads it. */
const server = await serve((_, response) =>
  json(response, { model_version: { name: "m", version: "1", source: "s", current_stage: "Staging" } }),
);
afterAll(() => server[Symbol.asyncDispose]());

const HERE = { trackingUri: server.url, password: "old" };
const ELSEWHERE = { trackingUri: "http://127.0.0.1:5051", password: "old" };
const VERSION = { registry: HERE, modelName: "m", version: "1" };

const GATE = { ...VERSION, evaluationData: "a.csv", evaluationMd5: "e", policy: { accuracy: { min: 0.9 } } };
const STAGE = { ...VERSION, environment: "staging" as EnvironmentName };
const CHECK = { ...STAGE, modelSha256: "s", url: "http://127.0.0.1:8000", instance: "1@2", maxLatencyMs: 100 };

const DIFFS = [
  ["the gate", (news: object, olds = {}) => qualityGate.diff("", { ...GATE, ...olds }, { ...GATE, ...news })],
  [
    "the registry's stage",
    (news: object, olds = {}) => registryStage.diff("", { ...STAGE, ...olds }, { ...STAGE, ...news }),
  ],
  [
    "the deployment check",
    (news: object, olds = {}) => deploymentCheck.diff("", { ...CHECK, ...olds }, { ...CHECK, ...news }),
  ],
] as const;

test.each(DIFFS)(
  "%s runs again for another version, and for the same number in another registry",
  async (_name, diff) => {
    expect(await diff({ version: "2" })).toMatchObject({ changes: true });
    expect(await diff({ registry: ELSEWHERE })).toMatchObject({ changes: true });
  },
);

test.each(DIFFS)("%s does not run again for another password or the same inputs", async (_name, diff) => {
  expect(await diff({ registry: { ...HERE, password: "new" } })).toMatchObject({ changes: false });
  expect(await diff({})).toMatchObject({ changes: false });
});

test("the gate judges again for another policy or other data, but not for another path of the same data", async () => {
  expect(await qualityGate.diff("", GATE, { ...GATE, policy: { accuracy: { min: 0.85 } } })).toEqual({ changes: true });
  expect(await qualityGate.diff("", GATE, { ...GATE, evaluationMd5: "f" })).toEqual({ changes: true });
  const dataFormat = { classes: ["no", "yes"], positive: "yes" };
  expect(await qualityGate.diff("", GATE, { ...GATE, dataFormat })).toEqual({ changes: true });
  expect(await qualityGate.diff("", { ...GATE, dataFormat }, { ...GATE, dataFormat })).toEqual({ changes: false });
  expect(await qualityGate.diff("", GATE, { ...GATE, evaluationData: "b.csv" })).toEqual({ changes: false });
});

test("gate, check and stage run again for the same version number from another run, because an emptied registry counts from 1 again", async () => {
  for (const [, diff] of DIFFS) {
    expect(await diff({ runId: "r" }, { runId: "of the registry before" })).toMatchObject({ changes: true });
    expect(await diff({ runId: "r" }, { runId: "r" })).toMatchObject({ changes: false });
  }
});

test("the deployment check probes again whenever another process serves", async () => {
  expect(await deploymentCheck.diff("", CHECK, { ...CHECK, instance: "2@3" })).toEqual({ changes: true });
});

test("the registry's stage is replaced for another model or environment, and moved for another version", async () => {
  const production = { ...STAGE, environment: "production" as const };
  expect(await registryStage.diff("", STAGE, production)).toMatchObject({ replaces: ["environment"] });
  expect(await registryStage.diff("", STAGE, { ...STAGE, modelName: "n" })).toMatchObject({ replaces: ["modelName"] });
  expect(await registryStage.diff("", STAGE, { ...STAGE, version: "2" })).toMatchObject({ replaces: [] });
});

test("names what changed; another server counts as registry", () => {
  expect(changedTask(VERSION, { ...VERSION, version: "2", registry: ELSEWHERE }, ["modelName", "version"])).toEqual([
    "version",
    "registry",
  ]);
});
