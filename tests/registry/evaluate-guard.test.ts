import { expect, test } from "vitest";
import { evaluateGuard, expectedRefusal } from "../../registry/evaluate-guard.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { json, serve } from "../helpers/http-server.ts";

const missing = (path: string) =>
  serve((_, response) => json(response, { error_code: "RESOURCE_DOES_NOT_EXIST", message: `no ${path}` }, 404));

test("reports a missing version in plain words, also in a preview", async () => {
  await using registry = await missing("version");
  const inputs = { registry: { trackingUri: registry.url }, modelName: "churn-model", version: "99" };
  await expect(evaluateGuard(new MlflowClient(inputs.registry), inputs)).rejects.toThrow(
    "the registry has no version 99 of churn-model",
  );
  expect(await expectedRefusal(inputs)).toBe(
    "this preview cannot run the promotion guard: the registry has no version 99 of churn-model",
  );
});
