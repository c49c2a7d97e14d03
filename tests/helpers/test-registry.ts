import { afterAll, beforeAll } from "vitest";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { type RunningMlflow, startMlflow } from "./mlflow-server.ts";

/** Runs a real MLflow server for all tests of a file. */
export interface TestRegistry extends Pick<RunningMlflow, "url" | "python"> {
  readonly client: MlflowClient;
}

export function testRegistry(): TestRegistry {
  let mlflow: RunningMlflow;
  let client: MlflowClient;
  beforeAll(async () => {
    mlflow = await startMlflow();
    client = new MlflowClient({ trackingUri: mlflow.url });
  });
  afterAll(() => mlflow?.stop());
  return {
    get url() {
      return mlflow.url;
    },
    get python() {
      return mlflow.python;
    },
    get client() {
      return client;
    },
  };
}
