import { parseArgs } from "node:util";
import { accessFromEnvironment, MlflowClient } from "./mlflow-client.ts";
import { withdraw } from "./withdraw.ts";

const USAGE = `usage: npm run withdraw -- <version> --reason <text> [--model <name>]
  withdraws a version: production's next update refuses it, and no rollback goes to it. It is the tag gate.withdrawn of the
  version, with the reason; without the tag the version counts again
  MLFLOW_TRACKING_URI (and _USERNAME, _PASSWORD, _TOKEN): the registry; MODEL_NAME: the model (churn-model)`;

async function main(): Promise<void> {
  const options = {
    reason: { type: "string" },
    model: { type: "string", default: process.env.MODEL_NAME || "churn-model" },
    help: { type: "boolean", default: false },
  } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.help) return console.log(USAGE);
  const [version = "", ...more] = positionals;
  const reason = values.reason?.trim() ?? "";
  if (!/^\d+$/.test(version) || more.length > 0 || reason === "")
    throw new Error(`one version and a reason are needed\n${USAGE}`);
  const { isInProduction } = await withdraw(new MlflowClient(accessFromEnvironment()), values.model, version, reason);
  console.log(`${values.model} version ${version} is withdrawn: ${reason}`);
  if (isInProduction)
    console.log("It is in production and goes on serving. Back to the last good version: npm run rollback");
}

main().catch((error: unknown) => {
  console.error(`withdraw: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
});
