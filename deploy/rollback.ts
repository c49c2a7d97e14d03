// Back to the last good version: npm run rollback [-- --to <version> --reason <text> --yes --stack production]
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { askFresh, parseHealth } from "../infra/fresh-request.ts";
import { isNotFound } from "../registry/errors.ts";
import { formerVersions } from "../registry/former-versions.ts";
import { readHistory } from "../registry/history.ts";
import { MlflowClient } from "../registry/mlflow-client.ts";
import { getModelVersion, getVersionByAlias } from "../registry/model-versions.ts";
import { ENGINES, type EngineName, runPulumi } from "./pulumi-run.ts";
import { describePlan, planRollback } from "./rollback-plan.ts";
import { readRefusals } from "./rollback-refusals.ts";
import { readProductionOutputs } from "./stack-outputs.ts";
import { readVersionSetting, writeVersionSetting } from "./version-setting.ts";

const USAGE = `usage: npm run rollback [-- options]
  puts the last good version back into production: the last that was there, that nobody rolled back from, and that is not withdrawn
  --to <version>     another one
  --reason <text>    for the history
  --yes              does not ask
  --stack <name>     production's stack (production)
  --engine <name>    pulumi (the CLI that PATH names) or embedded
  --cwd <folder>     the project's folder, when it is not this one
  MLFLOW_TRACKING_USERNAME and _PASSWORD, or _TOKEN, where the registry asks for them; its URL is the stack's`;

/** Who wants to go back further names the version. */
const MOST_LOOKED_AT = 50;

const OPTIONS = {
  to: { type: "string" },
  reason: { type: "string" },
  yes: { type: "boolean", short: "y", default: false },
  stack: { type: "string", short: "s", default: "production" },
  engine: { type: "string", default: "pulumi" },
  cwd: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { to, reason, yes, stack, engine: named, cwd, help } = parseArgs({ options: OPTIONS }).values;
  if (help) return console.log(USAGE);
  const engine = ENGINES.find((name): name is EngineName => name === named);
  if (!engine) throw new Error(`--engine is ${named}: it must be ${ENGINES.join(" or ")}`);
  const run = { engine, cwd };
  const { trackingUri, modelName, url, gatePublicKey } = await readProductionOutputs(stack, run);
  const client = new MlflowClient({
    trackingUri,
    username: process.env.MLFLOW_TRACKING_USERNAME,
    password: process.env.MLFLOW_TRACKING_PASSWORD,
    token: process.env.MLFLOW_TRACKING_TOKEN,
  });
  const [events, current] = await Promise.all([
    readHistory(client, modelName),
    getVersionByAlias(client, modelName, "production"),
  ]);
  const looked = [current?.version, to, ...formerVersions(events, current?.version).map(({ version }) => version)];
  const versions = await readVersions(client, modelName, looked.slice(0, MOST_LOOKED_AT));
  const others = versions.filter(({ version }) => version !== current?.version);
  const refusals = await readRefusals(client, others, gatePublicKey);
  const plan = planRollback(events, versions, refusals, current?.version, to);
  console.log(`rollback of ${modelName} on stack ${stack}, ${url}\n${describePlan(plan)}`);
  const asked = performance.now();
  if (!yes && !(await agreed())) return console.log("Nothing was changed.");
  const thoughtMs = performance.now() - asked;

  const setting = await readVersionSetting(stack, run);
  const set = ["--config", `promotion.version=${plan.to}`, "--config-path"];
  const environment = { PROMOTION_REASON: reason?.trim() || "npm run rollback" };
  const up = ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack, ...set];
  const { exitCode } = await runPulumi(up, { ...run, environment });
  if (exitCode !== 0) {
    const ended = `the update ended with exit code ${exitCode}: what it says above stands in docs/runbook.md. `;
    if ((await versionAt(url)) !== plan.from)
      throw new Error(
        `${ended}promotion.version of stack ${stack} is ${plan.to} now; it was version ${plan.from} that served`,
      );
    await writeVersionSetting(stack, setting, run);
    throw new Error(`${ended}Version ${plan.from} serves on, and promotion.version of stack ${stack} is what it was`);
  }
  const served = await versionAt(url);
  if (served !== plan.to) throw new Error(`${url} serves version ${served ?? "(no answer)"}, it should be ${plan.to}`);
  // Since this process was started, but for the time that somebody thought about the answer.
  const seconds = ((performance.now() - thoughtMs) / 1000).toFixed(1);
  console.log(`\nversion ${plan.to} serves at ${url}: ${seconds} s from command to served`);
}

/** The version that answers; undefined when nothing of ours does. */
const versionAt = (url: string): Promise<string | undefined> =>
  askFresh(`${url}/health`).then(
    ({ body }) => parseHealth(body)?.version,
    () => undefined,
  );

/** Those of the versions that are still there. */
async function readVersions(client: MlflowClient, name: string, numbers: readonly (string | undefined)[]) {
  const wanted = [...new Set(numbers)].filter((number) => number !== undefined);
  const found = await Promise.all(
    wanted.map((number) =>
      getModelVersion(client, name, number).catch((error: unknown) => {
        if (isNotFound(error)) return undefined;
        throw error;
      }),
    ),
  );
  return found.filter((version) => version !== undefined);
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Error("nobody can be asked here: say --yes to go on");
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question("Go on? y/N ");
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

main().catch((error: unknown) => {
  console.error(`rollback: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
});
