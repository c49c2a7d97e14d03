// @ts-check
// Plain JavaScript with types in comments: the quickstart runs it with any Node version, in parallel with `npm ci`.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { withFileLock } from "./file-lock.mjs";

/** About ten times faster than pip. */
const UV = "uv==0.13.9";
/** File in the environment with one hash per line, for each installed requirements file. */
const MARKER = ".requirements.sha256";
const OLDEST_PYTHON = /** @type {const} */ ([3, 10]);

/**
 * @typedef {object} PythonVenvOptions
 * @property {string} folder Folder of the environment; created if it is missing or has other requirements.
 * @property {readonly string[]} requirements pip requirements files, fully pinned.
 * @property {readonly string[]} [warmUp] Modules to import once, so that Python compiles them before their first use.
 * @property {(line: string) => void} [log] Receives progress, line by line.
 */

/**
 * Ensures that a Python environment with the current contents of these requirements files exists.
 * @param {PythonVenvOptions} options
 * @returns {Promise<string>} absolute path of its interpreter
 * @throws Error if no Python 3.10 or newer is found, or an installation fails, with the last lines of its output
 */
export async function ensurePythonVenv({ folder, requirements, warmUp = [], log = () => {} }) {
  const environment = resolve(folder);
  const python = join(environment, "bin", "python");
  const wanted = await Promise.all(requirements.map((file) => hashOf([file])));
  if (await isUpToDate(environment, wanted)) return python;
  const base = await findPython();
  await mkdir(dirname(environment), { recursive: true });
  return withFileLock(`${environment}.lock`, async () => {
    if (await isUpToDate(environment, wanted)) return python;
    log(`creating a Python environment in ${folder}`);
    await createEnvironment(environment, python, base, requirements, log);
    if (warmUp.length > 0) {
      log(`compiling ${warmUp.join(", ")}`);
      await run(python, ["-c", `import ${warmUp.join(", ")}`], () => {});
    }
    await writeFile(join(environment, MARKER), wanted.join("\n"));
    return python;
  });
}

/**
 * Also checks the interpreter: it is a link to a system interpreter that may have been removed.
 * @type {(environment: string, wanted: readonly string[]) => Promise<boolean>}
 */
async function isUpToDate(environment, wanted) {
  const installed = (await readFile(join(environment, MARKER), "utf8").catch(() => "")).split("\n");
  return wanted.every((hash) => installed.includes(hash)) && (await isThere(join(environment, "bin", "python")));
}

/** @type {(environment: string, python: string, base: string, requirements: readonly string[], log: (line: string) => void) => Promise<void>} */
async function createEnvironment(environment, python, base, requirements, log) {
  await removeEnvironment(environment);
  // Written first, so that an interrupted environment is recognized as this project's.
  await mkdir(environment, { recursive: true });
  await writeFile(join(environment, MARKER), "");
  await run(base, ["-m", "venv", environment], log).catch((cause) => {
    throw new Error(`${base} cannot create a virtual environment; on Debian and Ubuntu: apt install python3-venv`, {
      cause,
    });
  });
  const files = requirements.flatMap((file) => ["-r", resolve(file)]);
  log(`installing ${requirements.join(" and ")}`);
  try {
    // Without --quiet, each of the many packages is a line of the update.
    await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV], log);
    await run(python, ["-m", "uv", "pip", "install", "--quiet", "--python", python, ...files], log);
  } catch (error) {
    // The package index may be configured only for pip, which is slower.
    log(`uv could not install (${error instanceof Error ? error.message : error}); trying pip`);
    await run(python, ["-m", "pip", "install", "--disable-pip-version-check", ...files], log);
  }
}

/**
 * Removes an environment of this project. A mistyped path must not delete another folder or environment.
 * @type {(environment: string) => Promise<void>}
 */
async function removeEnvironment(environment) {
  const entries = await readdir(environment).catch(() => /** @type {string[]} */ ([]));
  if (entries.length > 0 && !entries.includes(MARKER))
    throw new Error(
      entries.includes("pyvenv.cfg")
        ? `${environment} is a Python environment that this project did not create and would replace: name another folder, or remove it`
        : `${environment} is not a Python environment and is not empty: name another folder`,
    );
  if (entries.length === 0) return;
  // Renamed first, because a partial environment would not be recognized.
  const old = `${environment}.old-${process.pid}`;
  await rename(environment, old);
  await rm(old, { recursive: true, force: true });
}

/** @type {(file: string) => Promise<boolean>} */
const isThere = (file) =>
  access(file).then(
    () => true,
    () => false,
  );

/**
 * Returns the SHA-256 of the contents of the requirements files.
 * @type {(requirements: readonly string[]) => Promise<string>}
 */
export async function hashOf(requirements) {
  const hash = createHash("sha256").update(UV);
  for (const file of requirements) hash.update(await readFile(file));
  return hash.digest("hex");
}

/** @returns {Promise<string>} */
async function findPython() {
  const preferred = process.env.PYTHON;
  /** @type {string[]} */
  const seen = [];
  for (const name of preferred
    ? [preferred]
    : ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"]) {
    const version = await output(name, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).catch(
      () => undefined,
    );
    if (!version) continue;
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1]) return name;
    seen.push(`${name} is ${version}`);
  }
  throw new Error(
    `Python ${OLDEST_PYTHON.join(".")} or newer is required for the MLflow server; found ${seen.join(", ") || "none"}. ` +
      "Install it, or name the interpreter: PYTHON=/path/to/python3",
  );
}

/** @type {(command: string, args: string[]) => Promise<string>} */
async function output(command, args) {
  /** @type {string[]} */
  const lines = [];
  await run(command, args, (line) => lines.push(line));
  return lines.join("\n").trim();
}

/** @type {(command: string, args: string[], log: (line: string) => void) => Promise<void>} */
async function run(command, args, log) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  /** @type {string[]} */
  const last = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => {
      last.push(line);
      if (last.length > 15) last.shift();
      log(line);
    });
  const code = await new Promise((done, fail) => child.on("error", fail).on("close", done));
  if (code !== 0)
    throw new Error(`${command} ${args.slice(0, 4).join(" ")} ended with exit code ${code}:\n${last.join("\n")}`);
}

/**
 * Returns the interpreter of an existing environment.
 * @type {(folder: string) => Promise<string>}
 */
export async function requirePython(folder) {
  const python = resolve(folder, "bin", "python");
  await access(python).catch((cause) => {
    throw new Error(`there is no Python environment in ${folder}; create it with: npm run setup:python`, { cause });
  });
  return python;
}
