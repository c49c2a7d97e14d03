import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { ensurePythonVenv } from "../infra/targets/local/python-venv.mjs";
import { ratio, StoryError, step, table } from "./narrator.ts";
import { MODEL, queryRegistry, queryService, versionByAlias } from "./observe.ts";
import { type Options, parseOptions } from "./options.ts";
import { commandOf, type Pulumi, pulumiWith, stateVariables } from "./pulumi.ts";
import { PYTHON_ENVIRONMENT } from "./setup.mjs";
import {
  gateBlocks,
  nothingToDo,
  promoted,
  promotionRefused,
  type Setup,
  stagingRetrains,
  stagingServes,
} from "./story.ts";
import { Commands } from "./watch.ts";
import { dataFolderOf, makeWorkspace, removeWorkspace, requireFreePorts, WORKSPACE } from "./workspace.ts";

async function main(options: Options, commands: Commands): Promise<void> {
  const { engine, ports } = options;
  const started = performance.now();
  if (await removeWorkspace()) console.log("Removed an earlier quickstart.");
  await requireFreePorts(options);

  const command = await commandOf(engine);
  step("Setup", `In the steps below, pulumi is short for: ${command}`);
  const python = commands.watch(`Python environment of the MLflow server (${PYTHON_ENVIRONMENT.folder})`);
  await ensurePythonVenv({ ...PYTHON_ENVIRONMENT, log: python.show }).finally(python.end);
  await makeWorkspace();
  const pulumi = await pulumiWith(engine);
  const initialisation = commands.together(`Stacks staging and production, with separate state (${WORKSPACE})`);
  await initialise(pulumi(initialisation.watch), ports).finally(initialisation.end);

  const setup: Setup = { pulumi: pulumi(commands.watch), ports, trackingUri: `http://127.0.0.1:${ports.mlflow}` };
  for (const run of [gateBlocks, promotionRefused, stagingServes, promoted, stagingRetrains, nothingToDo])
    await run(setup);

  console.log(`\n${await closingTable(setup)}\n`);
  console.log(
    `The quickstart took ${Math.round((performance.now() - started) / 1000)} s. Everything is still running. Next steps:`,
  );
  console.log(nextSteps(setup, engine, command));
}

async function initialise(pulumi: Pulumi, ports: Setup["ports"]): Promise<void> {
  for (const args of [
    ["stack", "init", "staging"],
    ["stack", "init", "production"],
    ["config", "set", "--path", "mlflow.port", String(ports.mlflow), "--stack", "staging"],
    ["config", "set", "--path", "service.port", String(ports.staging), "--stack", "staging"],
    ["config", "set", "--path", "mlflow.trackingUri", `http://127.0.0.1:${ports.mlflow}`, "--stack", "production"],
    ["config", "set", "--path", "service.port", String(ports.production), "--stack", "production"],
    ["config", "set", "--path", "service.otherUrl", `http://127.0.0.1:${ports.production}`, "--stack", "staging"],
    ["config", "set", "--path", "service.otherUrl", `http://127.0.0.1:${ports.staging}`, "--stack", "production"],
  ]) {
    const { exitCode } = await pulumi(...args);
    if (exitCode !== 0) throw new StoryError(`pulumi ${args.join(" ")} exited with code ${exitCode}`);
  }
}

async function closingTable({ ports, trackingUri }: Setup): Promise<string> {
  const rows = [["stage", "version", "accuracy", "verdict", "URL"]];
  for (const [name, port] of [
    ["staging", ports.staging],
    ["production", ports.production],
  ] as const) {
    const { health } = await queryService(port);
    const { gate, metrics } = await queryRegistry(trackingUri, health.version);
    const inRegistry = await versionByAlias(trackingUri, name);
    if (inRegistry !== health.version)
      throw new StoryError(
        `${name} serves version ${health.version}, but the registry's alias ${name} names ${inRegistry === undefined ? "no version" : `version ${inRegistry}`}`,
      );
    const accuracy = ratio(metrics["gate.accuracy"]);
    rows.push([health.stage, health.version, accuracy, gate?.verdict ?? "none", `http://127.0.0.1:${port}`]);
  }
  return table(rows);
}

/** Returns the PATH assignment that an installed CLI needs: it runs the first Node on PATH, which may be too old for the program. */
const nodeFor = (command: string) => (command === "pulumi" ? `PATH="${resolve("node_modules/node/bin")}:$PATH" ` : "");

/** Formats the next steps that the user can try. */
function nextSteps({ ports, trackingUri }: Setup, engine: Options["engine"], command: string): string {
  const variables = Object.entries(stateVariables()).map(([name, value]) => `${name}="${value}"`);
  return `1. Open staging (http://127.0.0.1:${ports.staging}/), production (http://127.0.0.1:${ports.production}/) and MLflow:
     ${trackingUri}/?workflowType=machine_learning#/models/${MODEL}
2. Promote version 2:
     export ${nodeFor(command)}${variables.join(" ")} MLFLOW_TRACKING_URI=${trackingUri}
     ${command} config set --path promotion.version 2 --stack production --cwd ${WORKSPACE}
     ${command} up --stack production --cwd ${WORKSPACE}
   Show what was in production, and why: npm run history
   Roll back: npm run rollback -- --stack production --engine ${engine} --cwd ${WORKSPACE}
3. Remove everything: npm run quickstart:down`;
}

// An interrupted quickstart leaves processes running.
process.once("SIGINT", () => {
  console.error("\nStopped. Processes that were started are still running; stop them with: npm run quickstart:down");
  process.exit(130);
});

let commands: Commands | undefined;
try {
  const options = parseOptions(process.argv.slice(2));
  commands = new Commands(process.stdout, options.verbose);
  await main(options, commands);
} catch (error) {
  if (commands?.transcript) console.error(`\nThe last command and its output:\n${commands.transcript.trimEnd()}`);
  console.error(`\nThe quickstart stopped: ${messages(error)}`);
  if (existsSync(WORKSPACE))
    console.error(
      `Processes that were started are still running for inspection, with logs in ${dataFolderOf(WORKSPACE)}/processes. Stop and remove them with: npm run quickstart:down`,
    );
  process.exitCode = 1;
}

/** Returns an error's message with its root cause, because `fetch failed` alone explains nothing. */
function messages(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  let root: unknown = error;
  while (root instanceof Error && root.cause !== undefined) root = root.cause;
  const why = root instanceof Error ? root.message : String(root);
  return error.message.includes(why) ? error.message : `${error.message}: ${why}`;
}
