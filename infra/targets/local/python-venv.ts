import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { withFileLock } from "./file-lock.ts";

/** Resolves and links wheels some ten times faster than pip. */
const UV = "uv==0.13.9";
/** In the environment: a hash a line, one for each requirements file that is installed in it. */
const MARKER = ".requirements.sha256";
const OLDEST_PYTHON = [3, 10] as const;

export interface PythonVenvOptions {
  /** Where the environment is; made when it is missing or was made from other requirements. */
  readonly folder: string;
  /** pip requirements files, fully pinned. */
  readonly requirements: readonly string[];
  /** Told what happens, a line at a time. */
  readonly log?: (line: string) => void;
}

/**
 * Makes sure that a Python environment with these requirements, each file as it is now, is there; does nothing when it is.
 * @returns absolute path of its interpreter
 * @throws Error when no Python 3.10 or newer is found or an installation fails, with the last lines of its output
 */
export async function ensurePythonVenv({ folder, requirements, log = () => {} }: PythonVenvOptions): Promise<string> {
  const place = resolve(folder);
  const python = join(place, "bin", "python");
  const wanted = await Promise.all(requirements.map((file) => hashOf([file])));
  if (await isMade(place, wanted)) return python;
  const base = await findPython();
  await mkdir(dirname(place), { recursive: true });
  return withFileLock(`${place}.lock`, async () => {
    if (await isMade(place, wanted)) return python;
    log(`making a Python environment in ${folder}`);
    await make(place, python, base, requirements, log);
    await writeFile(join(place, MARKER), wanted.join("\n"));
    return python;
  });
}

/** The interpreter is looked for, too: it is a link to one of the system's, which may have been removed since. */
async function isMade(place: string, wanted: readonly string[]): Promise<boolean> {
  const installed = (await readFile(join(place, MARKER), "utf8").catch(() => "")).split("\n");
  return wanted.every((hash) => installed.includes(hash)) && (await isThere(join(place, "bin", "python")));
}

async function make(
  place: string,
  python: string,
  base: string,
  requirements: readonly string[],
  log: (line: string) => void,
): Promise<void> {
  await removeEnvironment(place);
  await run(base, ["-m", "venv", place], log).catch((cause) => {
    throw new Error(`${base} cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv`, {
      cause,
    });
  });
  const files = requirements.flatMap((file) => ["-r", resolve(file)]);
  try {
    await run(python, ["-m", "pip", "install", "--disable-pip-version-check", UV], log);
    await run(python, ["-m", "uv", "pip", "install", "--python", python, ...files], log);
  } catch (error) {
    // An index that only pip is configured for: slower, but it works.
    log(`uv could not install (${error instanceof Error ? error.message : error}); trying pip`);
    await run(python, ["-m", "pip", "install", "--disable-pip-version-check", ...files], log);
  }
}

/** A mistyped path must not cost anybody a folder. */
async function removeEnvironment(place: string): Promise<void> {
  const entries: string[] = await readdir(place).catch(() => []);
  if (entries.length > 0 && !entries.includes("pyvenv.cfg"))
    throw new Error(`${place} is no Python environment and is not empty: name another folder for it`);
  if (entries.length === 0) return;
  // Renamed first: half an environment would not be known as one.
  const old = `${place}.old-${process.pid}`;
  await rename(place, old);
  await rm(old, { recursive: true, force: true });
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** SHA-256 over the contents of the requirements files. */
export async function hashOf(requirements: readonly string[]): Promise<string> {
  const hash = createHash("sha256").update(UV);
  for (const file of requirements) hash.update(await readFile(file));
  return hash.digest("hex");
}

async function findPython(): Promise<string> {
  const asked = process.env.PYTHON;
  const seen: string[] = [];
  for (const name of asked
    ? [asked]
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
    `Python ${OLDEST_PYTHON.join(".")} or newer is needed for the MLflow server; found ${seen.join(", ") || "none"}. ` +
      "Install it, or name the interpreter: PYTHON=/path/to/python3",
  );
}

async function output(command: string, args: string[]): Promise<string> {
  const lines: string[] = [];
  await run(command, args, (line) => lines.push(line));
  return lines.join("\n").trim();
}

async function run(command: string, args: string[], log: (line: string) => void): Promise<void> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => {
      last.push(line);
      if (last.length > 15) last.shift();
      log(line);
    });
  const code = await new Promise<number | null>((done, fail) => child.on("error", fail).on("close", done));
  if (code !== 0)
    throw new Error(`${command} ${args.slice(0, 4).join(" ")} ended with exit code ${code}:\n${last.join("\n")}`);
}

/** The interpreter of an environment that must be there already. */
export async function requirePython(folder: string): Promise<string> {
  const python = resolve(folder, "bin", "python");
  await access(python).catch((cause) => {
    throw new Error(`there is no Python environment in ${folder}; make it with: npm run setup:python`, { cause });
  });
  return python;
}
