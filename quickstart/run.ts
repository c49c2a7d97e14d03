import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { ensurePythonVenv } from "../infra/targets/local/python-venv.mjs";
import { installationLog, StoryError, step, table } from "./narrator.ts";
import { askRegistry, askService, MODEL, versionAt } from "./observe.ts";
import { type Options, parseOptions } from "./options.ts";
import { commandOf, type Pulumi, pulumiWith, stateVariables } from "./pulumi.ts";
import { PYTHON_ENVIRONMENT } from "./python-environment.mjs";
import {
  gateBlocks,
  nothingToDo,
  promoted,
  promotionRefused,
  type Stage,
  stagingMovesOn,
  stagingServes,
} from "./story.ts";
import { makeWorkspace, removeWorkspace, requireFreePorts, WORKSPACE } from "./workspace.ts";

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  const { ports } = options;
  const started = performance.now();
  if (await removeWorkspace()) console.log("Removed what an earlier quickstart had left.");
  await requireFreePorts(options);

  step("Set-up", "A Python environment for the MLflow server (.venv), two stacks with their own state (.quickstart).");
  await ensurePythonVenv({ ...PYTHON_ENVIRONMENT, log: installationLog() });
  await makeWorkspace();
  const pulumi = await pulumiWith(options.engine);
  await initialise(pulumi, ports);

  const stage: Stage = { pulumi, ports, trackingUri: `http://127.0.0.1:${ports.mlflow}` };
  for (const tell of [gateBlocks, promotionRefused, stagingServes, promoted, stagingMovesOn, nothingToDo])
    await tell(stage);

  console.log(`\n${await closingTable(stage)}\n`);
  console.log(howToLook(stage, options.engine, await commandOf(options.engine)));
  console.log(`\nThe story took ${Math.round((performance.now() - started) / 1000)} s.`);
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

const howToLook = (
  { ports, trackingUri }: Stage,
  engine: Options["engine"],
  command: string,
) => `Everything goes on running. Look at it:
  http://127.0.0.1:${ports.staging}/ and http://127.0.0.1:${ports.production}/   (the services' own pages)
  ${trackingUri}/?workflowType=machine_learning#/models/${MODEL}   (MLflow: runs, versions, evidence)
  curl -s http://127.0.0.1:${ports.production}/health
  curl -s http://127.0.0.1:${ports.production}/predict -H 'content-type: application/json' -d '{"features": [[0.3,-0.7,1.1,0.4,-0.2,0.9,-1.3,0.1,0.5,-0.6]]}'
Go on with it:
  export ${nodeFor(command)}${Object.entries(stateVariables())
    .map(([name, value]) => `${name}="${value}"`)
    .join(" ")} MLFLOW_TRACKING_URI=${trackingUri}
  ${command} config set --path promotion.version 2 --stack production --cwd ${WORKSPACE}
  ${command} up --stack production --cwd ${WORKSPACE}
  npm run history   (what was in production when, and why)
  npm run rollback -- --stack production --engine ${engine} --cwd ${WORKSPACE}
Remove all of it:
  npm run quickstart:down`;

// Whoever stops the story in the middle has things running.
process.once("SIGINT", () => {
  console.error("\nStopped. What runs goes on running; npm run quickstart:down removes it.");
  process.exit(130);
});

try {
  await main();
} catch (error) {
  console.error(`\nThe quickstart stopped: ${error instanceof Error ? error.message : error}`);
  if (existsSync(WORKSPACE)) console.error("What runs can be looked at; npm run quickstart:down removes it.");
  process.exitCode = 1;
}
