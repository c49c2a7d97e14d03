// Rolls back to the last good version: npm run rollback -- --stack production [--to <version> --reason <text> --yes]
import { parseArgs } from "node:util";
import { SECRET } from "../infra/render/stack-config.ts";
import { formerVersions } from "../registry/former-versions.ts";
import { readHistory } from "../registry/history.ts";
import { movesAmong, openAttempt } from "../registry/history-event.ts";
import { accessFromEnvironment, MlflowClient } from "../registry/mlflow-client.ts";
import { findModelVersion, getVersionByAlias } from "../registry/model-versions.ts";
import { readProductionState, withoutHistory } from "../registry/production-state.ts";
import { requireEmbeddedStack } from "./embedded-stack.ts";
import { askForStack } from "./named-model.ts";
import { engineNamed, runPulumi } from "./pulumi-run.ts";
import { describePlan, planRollback, requireServed } from "./rollback-plan.ts";
import { readRefusals } from "./rollback-refusals.ts";
import { readStackFile } from "./stack-file.ts";
import { readProductionOutputs } from "./stack-outputs.ts";
import { agreed, openTerminal, reportFailure } from "./terminal.ts";
import { requireUnchangedConfig } from "./unchanged-config.ts";
import { readSetting, readVersionSetting, writeVersionSetting } from "./version-setting.ts";
import { expectedVersion, healthAt, servedInstead, versionsAt } from "./what-serves.ts";

const USAGE = `usage: npm run rollback -- --stack <name> [options]
  puts the last good version back into production: the registry's version, if callers reach another one whose update failed;
  otherwise the last version in production that was neither rolled back from nor withdrawn
  --stack <name>     production's stack
  --to <version>     goes back to this version instead
  --reason <text>    reason, recorded in the history
  --yes              skips the confirmation
  --engine <name>    pulumi (the CLI on PATH, else the npm package); or embedded, for a stack that the embedded engine
                     manages: first tries, tests, closed networks
  --cwd <folder>     the project's folder, if not the current one
  MLFLOW_TRACKING_USERNAME and _PASSWORD, or _TOKEN, if the registry requires them; its URL comes from the stack`;

/** Number of versions to consider. To go back further, name the version. */
const MOST_CANDIDATES = 50;

const OPTIONS = {
  to: { type: "string" },
  reason: { type: "string" },
  yes: { type: "boolean", short: "y", default: false },
  stack: { type: "string", short: "s" },
  engine: { type: "string", default: "pulumi" },
  cwd: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) return console.log(USAGE);
  const { to, reason, cwd } = values;
  const run = { engine: engineNamed(values.engine), cwd };
  const terminal = openTerminal();
  const promptedAt = performance.now();
  const stack =
    values.stack ??
    (await askForStack(cwd, terminal, ({ environment }) => environment === "production", "--stack <name>"));
  let promptMs = performance.now() - promptedAt;
  const stackFile = await readStackFile(stack, cwd);
  if (stackFile.environment !== "production")
    throw new Error(
      `stack ${stack} is a ${stackFile.environment} stack: a rollback needs a production stack. Name one with --stack <name>`,
    );
  const [outputs] = await Promise.all([readProductionOutputs(stack, run), requireEmbeddedStack(stack, run)]);
  const { trackingUri, modelName, url, gatePublicKey } = outputs;
  const configured =
    stackFile.modelName === SECRET
      ? ((await readSetting(stack, "modelName", run)) ?? SECRET)
      : (stackFile.modelName ?? modelName);
  requireUnchangedConfig({ ...stackFile, modelName: configured }, outputs);
  const client = new MlflowClient(accessFromEnvironment({ ...process.env, MLFLOW_TRACKING_URI: trackingUri }));
  const [events, current, served, setting] = await Promise.all([
    readHistory(client, modelName),
    getVersionByAlias(client, modelName, "production"),
    versionsAt(url, modelName),
    readVersionSetting(stack, run),
  ]);
  // An alias that was moved manually since then does not say what production served before.
  const lastMove = movesAmong(events).at(-1);
  const isMovedManually = lastMove !== undefined && lastMove.to !== current?.version;
  const attempted = openAttempt(events)?.to;
  const instead = isMovedManually
    ? undefined
    : servedInstead(served, expectedVersion(events, setting), current?.version, attempted);
  const lost =
    events.length === 0 && to === undefined && instead === undefined
      ? withoutHistory(await readProductionState(client, modelName))
      : undefined;
  if (lost !== undefined)
    throw new Error(`${lost}. Name the version to go back to: npm run rollback -- --stack ${stack} --to <version>`);
  const candidates = [
    current?.version,
    instead,
    to,
    ...formerVersions(events, current?.version).map(({ version }) => version),
  ];
  const versions = await readVersions(client, modelName, candidates.slice(0, MOST_CANDIDATES));
  const others = versions.filter(({ version }) => version !== (instead ?? current?.version));
  const refusals = await readRefusals(client, others, gatePublicKey);
  const plan = planRollback(events, versions, refusals, current?.version, { wanted: to, instead });
  const changes = `changes  promotion.version of stack ${stack} becomes ${plan.to}; \`up\` then moves the callers at ${url}, the stage and the alias`;
  console.log(`rollback of ${modelName}, stack ${stack}, registry ${trackingUri}\n${describePlan(plan)}\n${changes}`);
  const confirmedFrom = performance.now();
  if (!(await agreed(terminal, values.yes))) return console.log("Nothing was changed.");
  promptMs += performance.now() - confirmedFrom;

  // The version that is replaced may not serve yet: its update is still running, or was killed.
  const before = (await healthAt(url))?.version ?? plan.from;
  const set = ["--config", `promotion.version=${plan.to}`, "--config-path"];
  const variables = { PROMOTION_REASON: reason?.trim() || "npm run rollback" };
  const up = ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack, ...set];
  const { exitCode } = await runPulumi(up, { ...run, environment: variables });
  if (exitCode !== 0) {
    const ended = `the update ended with exit code ${exitCode}: see its output above, and docs/runbook.md. `;
    if ((await healthAt(url))?.version !== before)
      throw new Error(
        `${ended}promotion.version of stack ${stack} is now ${plan.to}; version ${before} was serving before`,
      );
    await writeVersionSetting(stack, setting, run);
    throw new Error(`${ended}Version ${before} keeps serving, and promotion.version of stack ${stack} is unchanged`);
  }
  requireServed(url, await healthAt(url), { model: modelName, version: plan.to, sha256: plan.toSha256 });
  // Since this process started, without the time that prompts took.
  const seconds = ((performance.now() - promptMs) / 1000).toFixed(1);
  console.log(`\nversion ${plan.to} serves at ${url}, ${seconds} s after the command started`);
}

/** Returns the versions that still exist. */
async function readVersions(client: MlflowClient, name: string, numbers: readonly (string | undefined)[]) {
  const wanted = [...new Set(numbers)].filter((number) => number !== undefined);
  const found = await Promise.all(wanted.map((number) => findModelVersion(client, name, number)));
  return found.filter((version) => version !== undefined);
}

main().catch(reportFailure("rollback"));
