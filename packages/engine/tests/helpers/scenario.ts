/**
 * A separate project in which to run the engine or the official CLI.
 * @module
 */
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const PACKAGE = resolve(import.meta.dirname, "../..");
export const ENGINE = join(PACKAGE, "cli.ts");
export const CONFORMANCE = join(PACKAGE, "tests/conformance");
/** Where the workspace root installs this package's dependencies. */
const NODE_MODULES = join(PACKAGE, "../../node_modules");

export interface Result {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Program and first arguments of what is run. */
export type Cli = readonly [string, ...string[]];
const EMBEDDED: Cli = [process.execPath, ENGINE];
/** The Pulumi CLI: the one that PULUMI_CLI names, since `npx` puts the project's package of it first on the PATH. */
export const OFFICIAL: Cli = [process.env.PULUMI_CLI ?? "pulumi"];

/** A separate project folder, with state and cloud beside it. */
export class Workspace {
  readonly root = mkdtempSync(join(tmpdir(), "engine-test-"));
  readonly project = join(this.root, "project");
  readonly cloud = join(this.root, "cloud");
  readonly state = join(this.root, "state");
  readonly #cli: Cli;

  constructor(cli: Cli = EMBEDDED) {
    this.#cli = cli;
    for (const folder of [this.project, this.cloud, this.state]) mkdirSync(folder);
    symlinkSync(NODE_MODULES, join(this.project, "node_modules"));
  }

  /** The project of a recorded scenario. */
  static scenario(name: string, cli: Cli = EMBEDDED): Workspace {
    const workspace = new Workspace(cli);
    for (const file of ["cloud.ts", "thing.ts", "Pulumi.yaml"])
      cpSync(join(CONFORMANCE, file), join(workspace.project, file));
    const program = `scenarios/${name}/index.ts`;
    const folder = join(CONFORMANCE, "scenarios", name);
    cpSync(folder, join(workspace.project, "scenarios", name), { recursive: true });
    workspace.write("package.json", JSON.stringify({ type: "module", main: program }));
    return workspace;
  }

  /** A project whose program is the given text; `./thing.ts` is the pretend cloud's resource. */
  static program(text: string, more = "", cli: Cli = EMBEDDED): Workspace {
    const workspace = new Workspace(cli);
    for (const file of ["cloud.ts", "thing.ts", "Pulumi.yaml"])
      cpSync(join(CONFORMANCE, file), join(workspace.project, file));
    if (more !== "") writeFileSync(join(workspace.project, "Pulumi.yaml"), more, { flag: "a" });
    workspace.write("package.json", JSON.stringify({ type: "module", main: "index.ts" }));
    workspace.write("index.ts", text);
    return workspace;
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.project, file), text);
  }
  read(file: string): string {
    return readFileSync(join(this.project, file), "utf8");
  }
  /** Where a recorded scenario's own files are. */
  get scenarioFolder(): string {
    return dirname(join(this.project, (JSON.parse(this.read("package.json")) as { main: string }).main));
  }
  get checkpoint(): string {
    return join(this.state, ".pulumi/stacks/conformance/test.json");
  }

  env(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${this.state}`,
      PULUMI_CONFIG_PASSPHRASE: "conformance",
      CLOUD_DIR: this.cloud,
      NO_COLOR: "1",
      // The official CLI takes Node from the PATH.
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...more,
    };
  }

  /** @throws if it has not exited within `limitMs` milliseconds */
  async engine(args: readonly string[], more: NodeJS.ProcessEnv = {}, limitMs = 120_000): Promise<Result> {
    const options = {
      cwd: this.project,
      env: this.env(more),
      maxBuffer: 64 * 1024 * 1024,
      timeout: limitMs,
      killSignal: "SIGKILL",
    } as const;
    const [program, ...first] = this.#cli;
    try {
      return { exit: 0, ...(await run(program, [...first, ...args], options)) };
    } catch (error) {
      const { code, stdout, stderr } = error as { code?: number; stdout: string; stderr: string };
      if (typeof code !== "number") throw error;
      return { exit: code, stdout, stderr };
    }
  }

  /** Runs verbs that must succeed, the engine's in one process; what each printed. */
  async batch(...commands: readonly string[][]): Promise<string[]> {
    if (this.#cli !== EMBEDDED) {
      const printed: string[] = [];
      for (const args of commands) printed.push(await this.ok(...args));
      return printed;
    }
    const batch = join(import.meta.dirname, "batch.ts");
    const options = { cwd: this.project, env: this.env(), maxBuffer: 64 * 1024 * 1024, timeout: 120_000 };
    const { stdout, stderr } = await run(process.execPath, [batch, JSON.stringify(commands)], options);
    const results = JSON.parse(stdout) as Result[];
    const last = results.at(-1);
    if (last?.exit !== 0)
      throw new Error(`${commands[results.length - 1]?.join(" ")} failed:\n${last?.stdout}${last?.stderr}${stderr}`);
    return results.map((result) => result.stdout);
  }

  /** Runs a verb that must succeed. */
  async ok(...args: string[]): Promise<string> {
    const result = await this.engine(args);
    if (result.exit !== 0) throw new Error(`${args.join(" ")} failed:\n${result.stdout}${result.stderr}`);
    return result.stdout;
  }
  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.ok(...args)) as T;
  }

  journal(): string[] {
    const file = join(this.cloud, "journal.log");
    return existsSync(file)
      ? readFileSync(file, "utf8")
          .split("\n")
          .filter((line) => line !== "")
      : [];
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
