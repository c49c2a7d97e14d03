import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { CHURN } from "../fixtures/training/recorded.ts";
import { type RunningMlflow, startMlflow } from "./mlflow-server.ts";

export const MODEL = "churn-model";

/** An MLflow server with version 1 of the sample model, trained by the project's own command, and a folder for a test's files. */
export interface RegisteredChurn extends AsyncDisposable {
  readonly mlflow: RunningMlflow;
  readonly client: MlflowClient;
  readonly folder: string;
}

export async function registerChurn(): Promise<RegisteredChurn> {
  const folder = await mkdtemp(join(tmpdir(), "churn-"));
  let mlflow: RunningMlflow | undefined;
  const dispose = async () => {
    await mlflow?.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    mlflow = await startMlflow();
    const env = { ...process.env, MLFLOW_TRACKING_URI: mlflow.url, MLFLOW_EXPERIMENT_NAME: "churn", MODEL_NAME: MODEL };
    const data = { TRAINING_DATA: `${CHURN}/train.csv`, EVALUATION_DATA: `${CHURN}/evaluation.csv` };
    await promisify(execFile)(process.execPath, ["training/train.ts"], { env: { ...env, ...data } });
    const client = new MlflowClient({ trackingUri: mlflow.url });
    return { mlflow, client, folder, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
