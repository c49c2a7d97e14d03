// @ts-check
// Entry point of `npm run quickstart`. Plain JavaScript, because the Node that starts it may be too old for the rest. It installs
// the npm packages, including Node 24, and the Python environment in parallel. Then it runs the quickstart on Node 24.
import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { findInstalledPulumi } from "../deploy/pulumi-cli.mjs";
import { ensurePythonVenv } from "../infra/targets/local/python-venv.mjs";
import { PYTHON_ENVIRONMENT, USAGE } from "./setup.mjs";

const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 20) {
  console.error(`Node ${process.versions.node} is too old. Install Node 20 or newer (https://nodejs.org).`);
  process.exit(1);
}

const args = process.argv.slice(2);
const down = args.includes("--down");
// --help and --down need no packages.
if (args.includes("--help")) {
  console.log(USAGE);
  process.exit(0);
}
if (down && !existsSync(".quickstart")) {
  console.log("There is nothing to remove: no .quickstart here.");
  process.exit(0);
}
const installed = "node_modules/.package-lock.json";
// Dev dependencies normally come with `npm it`. The npm package of the official CLI is one of them.
const needsAll = (args.includes("pulumi") || args.includes("--engine=pulumi")) && findInstalledPulumi() === undefined;
const current =
  existsSync(installed) &&
  statSync(installed).mtimeMs >= statSync("package-lock.json").mtimeMs &&
  (!needsAll || existsSync("node_modules/.bin/pulumi"));
if (!current) {
  console.log("Installing the npm packages (npm ci) and, in parallel, the MLflow server (.venv) …");
  // If this fails, the quickstart's first step retries it and reports the error.
  const python = down ? undefined : ensurePythonVenv(PYTHON_ENVIRONMENT).catch(() => undefined);
  const omit = needsAll ? [] : ["--omit=dev"];
  const code = await run("npm", ["ci", ...omit, "--no-audit", "--no-fund", "--loglevel=error"]);
  if (code !== 0) {
    console.error("npm ci failed. Fix the error above, then run this command again.");
    process.exit(code);
  }
  await python;
}

process.exit(
  await run("node_modules/.bin/node", down ? ["quickstart/down.ts"] : ["quickstart/run.ts", ...args]).catch((error) => {
    console.error(`Node 24 could not be started: ${error.message}. Remove node_modules, then run this command again.`);
    return 1;
  }),
);

/**
 * @param {string} command
 * @param {string[]} parameters
 * @returns {Promise<number>} exit code
 */
function run(command, parameters) {
  const child = spawn(command, parameters, { stdio: "inherit" });
  return new Promise((done, fail) => child.on("error", fail).on("close", (code) => done(code ?? 1)));
}
