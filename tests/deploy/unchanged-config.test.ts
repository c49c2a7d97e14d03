import { expect, test } from "vitest";
import { requireUnchangedConfig } from "../../deploy/unchanged-config.ts";

const OUTPUTS = { modelName: "churn-model", trackingUri: "http://127.0.0.1:5050" };
const FACTS = { stack: "live", modelName: "churn-model" };

test("accepts a config with the last update's model and registry, or without a registry", () => {
  requireUnchangedConfig(FACTS, OUTPUTS);
  requireUnchangedConfig({ ...FACTS, trackingUri: " http://127.0.0.1:5050/ " }, OUTPUTS);
});

test("rejects a changed config with each key, both values and the remedy", () => {
  const changed = { ...FACTS, modelName: "other-model", trackingUri: "http://mlflow.example" };
  expect(() => requireUnchangedConfig(changed, OUTPUTS)).toThrow(
    "the config of stack live was changed since its last update: modelName is other-model, but the last update used churn-model; " +
      "mlflow.trackingUri is http://mlflow.example, but the last update used http://127.0.0.1:5050. " +
      "Run pulumi up --stack live first, or revert the config: pulumi config set --path modelName churn-model --stack live && " +
      "pulumi config set --path mlflow.trackingUri http://127.0.0.1:5050 --stack live",
  );
});
