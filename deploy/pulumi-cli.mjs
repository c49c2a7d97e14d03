// @ts-check
// Plain JavaScript: the quickstart's first step imports it before Node 24 is installed.
import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const PROGRAM = process.platform === "win32" ? "pulumi.exe" : "pulumi";
/** Its script downloads the CLI on first use. */
const NPM_PACKAGE = resolve(dirname(fileURLToPath(import.meta.url)), "../node_modules/.bin/pulumi");

/**
 * Finds the CLI that is installed on the machine: the first on PATH that is not npm's script.
 * @param {string} [path] folders, as in PATH
 * @returns {string | undefined}
 */
export function findInstalledPulumi(path = process.env.PATH ?? "") {
  return path
    .split(delimiter)
    .filter((folder) => folder !== "" && !/node_modules[\\/]\.bin[\\/]?$/.test(folder))
    .map((folder) => join(folder, PROGRAM))
    .find(isExecutable);
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** @type {Map<string, Promise<string>>} */
const found = new Map();

/**
 * Finds a working Pulumi CLI: the installed one, else the npm package's, which is downloaded on first use.
 * @param {string} [path] folders, as in PATH
 * @param {string} [npmPackage] the npm package's script
 * @returns {Promise<string>} path of the program
 * @throws Error that names both and what was tried
 */
export function findPulumi(path = process.env.PATH ?? "", npmPackage = NPM_PACKAGE) {
  const key = [path, npmPackage].join("\n");
  const known = found.get(key) ?? search(path, npmPackage);
  found.set(key, known);
  return known;
}

/**
 * @param {string} path
 * @param {string} npmPackage
 */
async function search(path, npmPackage) {
  const installed = findInstalledPulumi(path);
  /** @type {string[]} */
  const failures = [];
  for (const [candidate, missing] of [
    [installed, "no pulumi on PATH (npm's node_modules/.bin does not count)"],
    [isExecutable(npmPackage) ? npmPackage : undefined, `the npm package pulumi is not installed: no ${npmPackage}`],
  ]) {
    const failure = candidate ? await failureOf(candidate) : missing;
    if (candidate && failure === undefined) return candidate;
    failures.push(`  - ${failure}`);
  }
  throw new Error(
    [
      "no working Pulumi CLI found:",
      ...failures,
      "Install it (https://www.pulumi.com/docs/install), or run `npm ci` where get.pulumi.com is reachable: the npm package " +
        "downloads the CLI from there. A stack that the embedded engine manages needs no CLI: --engine embedded",
    ].join("\n"),
  );
}

/**
 * Returns the CLI's output if it fails to report its version; undefined if it works.
 * @param {string} command
 */
async function failureOf(command) {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  try {
    await promisify(execFile)(command, ["version"], { env });
    return undefined;
  } catch (error) {
    const { stderr = "", message } = /** @type {Error & { stderr?: string }} */ (error);
    const output = stderr.trim() || message;
    return `${command} version failed: ${output.split("\n").slice(-3).join(" / ")}`;
  }
}
