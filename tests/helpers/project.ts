import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse, parseDocument, stringify } from "yaml";
import { stopDetached } from "../../infra/targets/local/detached-process.ts";
import { freePort } from "./free-port.ts";
import { TEST_VENV } from "./python.ts";

export interface Ran {
  readonly exitCode: number;
  /** Both streams. */
  readonly output: string;
}

/** The real program in its own Pulumi project, with its own state, data and ports. */
export interface Project {
  readonly folder: string;
  readonly dataFolder: string;
  readonly ports: { readonly mlflow: number; readonly staging: number; readonly production: number };
  readonly trackingUri: string;
  /** Runs a command of the embedded engine. */
  pulumi(...args: string[]): Promise<Ran>;
  /** Starts a command without waiting, for tests that kill it. */
  start(...args: string[]): ReturnType<typeof startEngine>;
  up(stack: string, ...args: string[]): Promise<Ran>;
  /** Changes the stack's config: `set("staging", "gate.accuracy.min", "0.9")`. */
  set(stack: string, path: string, value: string): Promise<void>;
  state(stack: string): Promise<{ deployment: { resources: { urn: string; outputs?: Record<string, unknown> }[] } }>;
  /** Stops every process that the project started, and removes its files. */
  remove(): Promise<void>;
}

export const PASSPHRASE = "passphrase-of-a-test";
const ROOT = resolve(import.meta.dirname, "../..");

const EMBEDDED = [process.execPath, join(ROOT, "packages/engine/cli.ts")] as const;

/**
 * Starts a command of the embedded engine in a project's folder, with its state in another. It has its own process group, so that
 * a test can kill it with its child processes.
 */
export const startEngine = (folder: string, stateFolder: string, ...args: string[]) =>
  startCommand([...EMBEDDED, ...args], folder, stateFolder);

function startCommand([program, ...args]: readonly [string, ...string[]], folder: string, stateFolder: string) {
  return spawn(program, args, {
    cwd: folder,
    detached: true,
    env: {
      ...process.env,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_BACKEND_URL: `file://${stateFolder}`,
      PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
      NO_COLOR: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs a command of the embedded engine to its end. */
export async function runEngine(folder: string, stateFolder: string, ...args: string[]): Promise<Ran> {
  await mkdir(stateFolder, { recursive: true });
  return outcomeOf(startEngine(folder, stateFolder, ...args));
}

async function outcomeOf(child: ReturnType<typeof startCommand>): Promise<Ran> {
  let output = "";
  const collect = (text: string) => {
    output += text;
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", collect);
  const exitCode = await new Promise<number>((done, fail) => {
    child.on("error", fail).on("close", (code) => done(code ?? -1));
  });
  return { exitCode, output };
}

/**
 * Creates a project with the stacks staging and production on target local.
 * @param cli path of a Pulumi CLI that runs the project instead of the embedded engine
 */
export async function makeProject(cli?: string): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), "project-"));
  const dataFolder = join(folder, "data");
  const ports = { mlflow: await freePort(), staging: await freePort(), production: await freePort() };
  const project = parseDocument(await readFile(join(ROOT, "Pulumi.yaml"), "utf8"));
  project.set("main", ROOT);
  await writeFile(join(folder, "Pulumi.yaml"), project.toString());
  for (const [stack, port] of [
    ["staging", ports.staging],
    ["production", ports.production],
  ] as const) {
    // The quickstart's stacks with other ports and folders; production takes the registry from staging.
    const { config } = parse(await readFile(join(ROOT, `quickstart/Pulumi.${stack}.yaml`), "utf8"));
    config["model-promotion:service"].port = port;
    config["model-promotion:local"] = { dataFolder, pythonVenv: TEST_VENV };
    config["model-promotion:mlflow"] =
      stack === "staging" ? { port: ports.mlflow } : { stack: "organization/model-promotion/staging" };
    await writeFile(join(folder, `Pulumi.${stack}.yaml`), stringify({ config }));
  }

  const state = join(folder, "state");
  await mkdir(state);
  const engine = cli === undefined ? EMBEDDED : ([cli] as const);
  const start = (...args: string[]) => startCommand([...engine, ...args], folder, state);
  const pulumi = (...args: string[]) => outcomeOf(start(...args));
  const must = async (...args: string[]): Promise<string> => {
    const { exitCode, output } = await pulumi(...args);
    if (exitCode !== 0) throw new Error(`${args.join(" ")} ended with exit code ${exitCode}:\n${output}`);
    return output;
  };
  const remove = async () => {
    const processes = join(dataFolder, "processes");
    for (const file of await readdir(processes).catch(() => []))
      if (file.endsWith(".pid")) await stopDetached(join(processes, file));
    await rm(folder, { recursive: true, force: true });
  };

  for (const stack of ["staging", "production"]) await must("stack", "init", stack);
  return {
    folder,
    dataFolder,
    ports,
    trackingUri: `http://127.0.0.1:${ports.mlflow}`,
    pulumi,
    start,
    remove,
    up: (stack, ...args) => pulumi("up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack, ...args),
    set: async (stack, path, value) => {
      await must("config", "set", "--path", path, value, "--stack", stack);
    },
    state: async (stack) => {
      await must("stack", "export", "--stack", stack, "--file", join(folder, "export.json"));
      return JSON.parse(await readFile(join(folder, "export.json"), "utf8"));
    },
  };
}
