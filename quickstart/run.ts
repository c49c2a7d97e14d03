import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { ensurePythonVenv } from "../infra/targets/local/python-venv.mjs";
import { StoryError, step, table } from "./narrator.ts";
import { askRegistry, askService, MODEL, versionAt } from "./observe.ts";
import { type Options, parseOptions } from "./options.ts";
import { commandOf, type Pulumi, pulumiWith, stateVariables } from "./pulumi.ts";
import { PYTHON_ENVIRONMENT } from "./setup.mjs";
import {
  gateBlocks,
  nothingToDo,
  promoted,
  promotionRefused,
  type Stage,
  stagingMovesOn,
  stagingServes,
} from "./story.ts";
import { Commands } from "./watch.ts";
import { dataFolderOf, makeWorkspace, removeWorkspace, requireFreePorts, WORKSPACE } from "./workspace.ts";

async function main(options: Options, commands: Commands): Promise<void> {
  const { engine, ports } = options;
  const started = performance.now();
  if (await removeWorkspace()) console.log("Removed the remains of an earlier quickstart.");
  await requireFreePorts(options);

  const command = await commandOf(engine);
  step("Set-up", `Here, pulumi stands for: ${command}`);
  const python = commands.watch(`Python environment of the MLflow server (${PYTHON_ENVIRONMENT.folder})`);
  await ensurePythonVenv({ ...PYTHON_ENVIRONMENT, log: python.show }).finally(python.end);
  await makeWorkspace();
  const pulumi = await pulumiWith(engine);
  const setUp = commands.together(`Stacks staging and production, with a state of their own (${WORKSPACE})`);
  await initialise(pulumi(setUp.watch), ports).finally(setUp.end);

  const stage: Stage = { pulumi: pulumi(commands.watch), ports, trackingUri: `http://127.0.0.1:${ports.mlflow}` };
  for (const tell of [gateBlocks, promotionRefused, stagingServes, promoted, stagingMovesOn, nothingToDo])
    await tell(stage);

  console.log(`\n${await closingTable(stage)}\n`);
  console.log(
    `The story took ${Math.round((performance.now() - started) / 1000)} s, and everything keeps running. Next:`,
  );
  console.log(nextSteps(stage, engine, command));
}

async function initialise(pulumi: Pulumi, ports: Stage["ports"]): Promise<void> {
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
    if (exitCode !== 0) throw new StoryError(`pulumi ${args.join(" ")} ended with exit code ${exitCode}`);
  }
}

async function closingTable({ ports, trackingUri }: Stage): Promise<string> {
  const rows = [["stage", "version", "accuracy", "verdict", "URL"]];
  for (const [name, port] of [
    ["staging", ports.staging],
    ["production", ports.production],
  ] as const) {
    const { health } = await askService(port);
    const { gate, metrics } = await askRegistry(trackingUri, health.version);
    const inRegistry = await versionAt(trackingUri, name);
    if (inRegistry !== health.version)
      throw new StoryError(`${name} serves version ${health.version}, the registry says ${inRegistry}`);
    const accuracy = String(metrics["gate.accuracy"]);
    rows.push([health.stage, health.version, accuracy, gate?.verdict ?? "none", `http://127.0.0.1:${port}`]);
  }
  return table(rows);
}

/** An installed CLI takes the first Node on PATH, which may be too old for the program. */
const nodeFor = (command: string) => (command === "pulumi" ? `PATH="${resolve("node_modules/node/bin")}:$PATH" ` : "");

/** Next steps after the story. */
function nextSteps({ ports, trackingUri }: Stage, engine: Options["engine"], command: string): string {
  const variables = Object.entries(stateVariables()).map(([name, value]) => `${name}="${value}"`);
  return `1. Look at it: http://127.0.0.1:${ports.staging}/ (staging), http://127.0.0.1:${ports.production}/ (production), and MLflow:
     ${trackingUri}/?workflowType=machine_learning#/models/${MODEL}
2. Promote version 2:
     export ${nodeFor(command)}${variables.join(" ")} MLFLOW_TRACKING_URI=${trackingUri}
     ${command} config set --path promotion.version 2 --stack production --cwd ${WORKSPACE}
     ${command} up --stack production --cwd ${WORKSPACE}
   See what was in production and why: npm run history
   Go back: npm run rollback -- --stack production --engine ${engine} --cwd ${WORKSPACE}
3. Remove all of it: npm run quickstart:down`;
}

// An interrupted story leaves processes running.
process.once("SIGINT", () => {
  console.error("\nStopped. Started processes keep running; npm run quickstart:down removes them.");
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
      `Started processes keep running for inspection, with logs in ${dataFolderOf(WORKSPACE)}/processes; npm run quickstart:down removes them.`,
    );
  process.exitCode = 1;
}

/** Messages of an error and its causes: `fetch failed` alone says nothing. */
function messages(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  let root: unknown = error;
  while (root instanceof Error && root.cause !== undefined) root = root.cause;
  const why = root instanceof Error ? root.message : String(root);
  return error.message.includes(why) ? error.message : `${error.message}: ${why}`;
}
