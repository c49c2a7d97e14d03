import { accessFromEnvironment, MlflowClient } from "../registry/mlflow-client.ts";
import { trainerPolicy } from "../registry/retry.ts";
import { fitCandidate } from "./candidate.ts";
import { registerCandidate } from "./log-model.ts";
import { readTrainerEnvironment } from "./trainer-environment.ts";

/** Messages go to stderr; stdout is for the caller, which reads the last line. */
const log = (line: string) => process.stderr.write(`${line}\n`);

try {
  const settings = readTrainerEnvironment(process.env);
  const client = new MlflowClient(accessFromEnvironment(), trainerPolicy(process.env));
  const candidate = await fitCandidate(settings);
  const { training, fitted } = candidate;
  log(`fitted ${training.rows} rows of ${training.path} (dvc:${training.md5}) in ${fitted.iterations} iterations`);
  const { runId, version } = await registerCandidate(client, candidate, settings, log);
  log(`registered ${settings.model} version ${version}`);
  process.stdout.write(`${JSON.stringify({ run_id: runId, version })}\n`);
} catch (error) {
  // A bug needs its stack; for any other error the message suffices.
  const isBug = error instanceof TypeError || error instanceof ReferenceError || !(error instanceof Error);
  log(`training failed: ${isBug ? ((error as Error).stack ?? error) : error.message}`);
  process.exitCode = 1;
}
