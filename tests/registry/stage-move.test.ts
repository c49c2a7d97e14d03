import { expect, test } from "vitest";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { leaveStage, moveStage, planStageMove } from "../../registry/stage-move.ts";
import { json, serve } from "../helpers/http-server.ts";

test.each([
  ["None", "staging", { alias: "staging", stage: "Staging" }],
  ["Archived", "staging", { alias: "staging", stage: "Staging" }],
  ["Staging", "staging", { alias: "staging" }],
  ["None", "production", { alias: "production", stage: "Production" }],
  ["Staging", "production", { alias: "production", stage: "Production" }],
  ["Archived", "production", { alias: "production", stage: "Production" }],
  ["Production", "production", { alias: "production" }],
] as const)("moves a version in %s to %s", (stage, environment, move) => {
  expect(planStageMove({ stage }, environment)).toEqual(move);
});

test("leaves a version in Production there when staging serves it too: a version holds one stage", () => {
  expect(planStageMove({ stage: "Production" }, "staging")).toEqual({ alias: "staging" });
});

/** A registry in which version 3 of churn-model has this stage and holds the alias `staging`. */
const registry = (stage: string) =>
  serve((_, response) =>
    json(response, { model_version: { name: "m", version: "3", source: "s", current_stage: stage } }),
  );

/** What was written, in order. */
const written = (requests: readonly { method: string; path: string; body: string }[]) =>
  requests
    .filter(({ method }) => method !== "GET")
    .map(({ method, path, body }) => `${method} ${path.replace("/api/2.0/mlflow/", "")} ${body}`);

test("moves the stage first and the alias, which is the truth, last", async () => {
  await using server = await registry("None");
  await moveStage(new MlflowClient({ trackingUri: server.url }), "m", "3", "staging");
  expect(written(server.requests)).toEqual([
    'POST model-versions/transition-stage {"name":"m","version":"3","stage":"Staging","archive_existing_versions":true}',
    'POST registered-models/alias {"name":"m","alias":"staging","version":"3"}',
  ]);
});

test("takes alias and stage from the version that holds them", async () => {
  await using server = await registry("Staging");
  await leaveStage(new MlflowClient({ trackingUri: server.url }), "m", "3", "staging");
  expect(written(server.requests)).toEqual([
    'DELETE registered-models/alias {"name":"m","alias":"staging"}',
    'POST model-versions/transition-stage {"name":"m","version":"3","stage":"Archived","archive_existing_versions":false}',
  ]);
});

test("takes only the alias from a version that is in Production by now", async () => {
  await using server = await registry("Production");
  await leaveStage(new MlflowClient({ trackingUri: server.url }), "m", "3", "staging");
  expect(written(server.requests)).toEqual(['DELETE registered-models/alias {"name":"m","alias":"staging"}']);
});

test("leaves alias and stage alone when they are another version's by now", async () => {
  await using server = await registry("Staging");
  await leaveStage(new MlflowClient({ trackingUri: server.url }), "m", "2", "staging");
  expect(written(server.requests)).toEqual([]);
});
