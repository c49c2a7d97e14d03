/**
 * `npm run example -- <name>` sets up an example; `npm run example -- <name> <pulumi command>` runs the embedded engine in it.
 * @module
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathWithThisNode } from "../deploy/pulumi-run.ts";
import { ensurePythonVenv } from "../infra/targets/local/python-venv.mjs";
import { installationLog } from "../quickstart/narrator.ts";
import { PYTHON_ENVIRONMENT } from "../quickstart/setup.mjs";
import { dataFolderOf, makeWorkspace, removeWorkspace, stateFolderOf } from "../quickstart/workspace.ts";
import { EXAMPLES, examplePorts, TRAINERS_ENVIRONMENT } from "./known-examples.ts";

/** Folder for the examples' projects; EXAMPLES_FOLDER overrides it. */
const WORKSPACES = process.env.EXAMPLES_FOLDER ?? ".examples";
/** A fixed passphrase, because the examples have no secrets. */
const PASSPHRASE = "examples";

const USAGE = `usage: npm run example -- <${EXAMPLES.join("|")}>                 sets up the example
       npm run example -- <name> up --stack staging      runs any Pulumi command on the embedded engine
       npm run example -- <name> down                    stops and removes the example`;

async function main([name = "", ...command]: readonly string[]): Promise<number> {
  if (name === "--help") {
    console.log(USAGE);
    return 0;
  }
  if (!EXAMPLES.includes(name))
    throw new Error(`${name === "" ? "name an example" : `there is no example ${name}`}\n${USAGE}`);
  const workspace = join(WORKSPACES, name);
  if (command.length === 0) return setUp(name, workspace);
  if (command[0] === "down") {
    const removed = await removeWorkspace(workspace);
    console.log(
      removed ? `Stopped ${name} and removed ${workspace}.` : `Nothing to remove: ${workspace} does not exist.`,
    );
    return 0;
  }
  if (!existsSync(workspace)) throw new Error(`${name} is not set up. Run: npm run example -- ${name}`);
  return pulumi(workspace, ...command);
}

async function setUp(name: string, workspace: string): Promise<number> {
  await ensurePythonVenv({ ...PYTHON_ENVIRONMENT, log: installationLog() });
  await ensurePythonVenv({ ...TRAINERS_ENVIRONMENT, log: installationLog() });
  if (!existsSync(workspace)) {
    // Renamed only when complete, so that an interrupted setup is not mistaken for a complete one.
    const unfinished = `${workspace}.new`;
    await removeWorkspace(unfinished);
    await makeWorkspace(unfinished, join(import.meta.dirname, name));
    for (const stack of ["staging", "production"])
      for (const args of [
        ["stack", "init", stack],
        ["config", "set", "--path", "local.dataFolder", dataFolderOf(workspace), "--stack", stack],
      ]) {
        const code = await pulumi(unfinished, ...args);
        if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with exit code ${code}`);
      }
    await rename(unfinished, workspace);
  }
  const { staging, production } = await examplePorts(workspace);
  console.log(`${name} is set up in ${workspace}. Next:
  npm run example -- ${name} up --stack staging      trains, judges and serves on http://127.0.0.1:${staging}/
  npm run example -- ${name} up --stack production   promotes version 1, which serves on http://127.0.0.1:${production}/
  npm run example -- ${name} down                    stops and removes everything
For the other commands of the README, such as npm run gate -- --version 1 --stack staging --engine embedded --cwd ${workspace}:
  export ${Object.entries(stateVariables(workspace))
    .map(([variable, value]) => `${variable}="${value}"`)
    .join(" ")}`);
  return 0;
}

const stateVariables = (workspace: string) => ({
  PULUMI_BACKEND_URL: `file://${resolve(stateFolderOf(workspace))}`,
  PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
});

/** @returns the engine's exit code */
function pulumi(workspace: string, ...args: string[]): Promise<number> {
  const child = spawn(process.execPath, [resolve("packages/engine/cli.ts"), ...args], {
    cwd: workspace,
    env: { ...process.env, ...stateVariables(workspace), PATH: pathWithThisNode(process.env.PATH) },
    stdio: "inherit",
  });
  return new Promise((done, fail) => child.on("error", fail).on("close", (code) => done(code ?? 1)));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
