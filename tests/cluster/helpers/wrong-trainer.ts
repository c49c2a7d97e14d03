// A trainer whose model predicts class 1 far too often: a canary must catch it if the gate passes it.
import { accessFromEnvironment, MlflowClient } from "../../../registry/mlflow-client.ts";
import { fitCandidate } from "../../../training/candidate.ts";
import { registerCandidate } from "../../../training/log-model.ts";
import { readTrainerEnvironment } from "../../../training/trainer-environment.ts";

const TOO_HIGH = 4;

const settings = readTrainerEnvironment(process.env);
const candidate = await fitCandidate(settings);
const fitted = { ...candidate.fitted, intercept: candidate.fitted.intercept + TOO_HIGH };
const client = new MlflowClient(accessFromEnvironment());
const { runId, version } = await registerCandidate(client, { ...candidate, fitted }, settings, () => {});
process.stdout.write(`${JSON.stringify({ run_id: runId, version })}\n`);
