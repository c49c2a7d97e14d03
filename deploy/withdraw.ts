// Withdraws a version: npm run withdraw -- <version> --reason <text> --stack <name>
import { parseArgs } from "node:util";
import { accessFromEnvironment, MlflowClient } from "../registry/mlflow-client.ts";
import { describeWithdrawal, planWithdrawal, withdraw } from "../registry/withdraw.ts";
import { NAMING_USAGE, nameModel } from "./named-model.ts";
import { engineNamed } from "./pulumi-run.ts";
import { listExistingVersions } from "./registered-models.ts";
import { agreed, openTerminal, reportFailure } from "./terminal.ts";

const USAGE = `usage: npm run withdraw -- <version> --reason <text> (--stack <name> | --model <name>) [--yes]
  withdraws a version: production's next update refuses it, and no rollback goes to it. The reason becomes the version's tag
  gate.withdrawn; removing the tag reinstates the version
${NAMING_USAGE}
  --yes              skips the confirmation`;

const OPTIONS = {
  reason: { type: "string" },
  stack: { type: "string", short: "s" },
  model: { type: "string" },
  cwd: { type: "string" },
  engine: { type: "string", default: "pulumi" },
  yes: { type: "boolean", short: "y", default: false },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  if (values.help) return console.log(USAGE);
  const [number = "", ...more] = positionals;
  const reason = values.reason?.trim() ?? "";
  if (!/^\d+$/.test(number) || more.length > 0 || reason === "")
    throw new Error(`a single version and a reason are required\n${USAGE}`);
  const terminal = openTerminal();
  const run = { engine: engineNamed(values.engine), cwd: values.cwd };
  const { modelName, trackingUri, stack } = await nameModel(values, run, terminal);
  const client = new MlflowClient(accessFromEnvironment({ ...process.env, MLFLOW_TRACKING_URI: trackingUri }));
  const plan = await planWithdrawal(client, modelName, number, reason).catch(
    listExistingVersions(client, modelName, number),
  );
  console.log(describeWithdrawal(plan));
  if (!(await agreed(terminal, values.yes))) return console.log("Nothing was changed.");
  await withdraw(client, plan);
  console.log(`${modelName} version ${number} is withdrawn: ${reason}`);
  if (plan.inProduction !== number) return;
  const name = stack?.environment === "production" ? stack.stack : "<production's stack>";
  const rollback = ["npm run rollback -- --stack", name];
  if (run.engine === "embedded") rollback.push("--engine embedded");
  if (run.cwd !== undefined) rollback.push("--cwd", run.cwd);
  console.log(`It is in production and keeps serving. To go back to the last good version: ${rollback.join(" ")}`);
}

main().catch(reportFailure("withdraw"));
