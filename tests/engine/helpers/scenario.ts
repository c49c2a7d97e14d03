/**
 * Runs a recorded scenario through the engine and collects what the recording holds.
 * @module
 */
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
export const REPOSITORY = resolve(import.meta.dirname, "../../..");
export const ENGINE = join(REPOSITORY, "engine/cli.ts");
export const CONFORMANCE = join(REPOSITORY, "tests/engine/conformance");

export interface Result {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project folder of its own, with state and cloud beside it. */
export class Workspace {
  readonly root = mkdtempSync(join(tmpdir(), "engine-test-"));
  readonly project = join(this.root, "project");
  readonly cloud = join(this.root, "cloud");
  readonly state = join(this.root, "state");

  constructor() {
    for (const folder of [this.project, this.cloud, this.state]) mkdirSync(folder);
    symlinkSync(join(REPOSITORY, "node_modules"), join(this.project, "node_modules"));
  }

  /** The project of a recorded scenario. */
  static scenario(name: string): Workspace {
    const workspace = new Workspace();
    for (const file of ["cloud.ts", "thing.ts", "Pulumi.yaml"])
      cpSync(join(CONFORMANCE, file), join(workspace.project, file));
    const program = `scenarios/${name}/index.ts`;
    mkdirSync(join(workspace.project, "scenarios", name), { recursive: true });
    cpSync(join(CONFORMANCE, program), join(workspace.project, program));
    workspace.write("package.json", JSON.stringify({ type: "module", main: program }));
    return workspace;
  }

  /** A project whose program is the given text; `./thing.ts` is the pretend cloud's resource. */
  static program(text: string, more = ""): Workspace {
    const workspace = new Workspace();
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
      ...more,
    };
  }

  /** @throws when it has not ended by itself within `limitMs` milliseconds */
  async engine(args: readonly string[], more: NodeJS.ProcessEnv = {}, limitMs = 120_000): Promise<Result> {
    const options = {
      cwd: this.project,
      env: this.env(more),
      maxBuffer: 64 * 1024 * 1024,
      timeout: limitMs,
      killSignal: "SIGKILL",
    } as const;
    try {
      return { exit: 0, ...(await run(process.execPath, [ENGINE, ...args], options)) };
    } catch (error) {
      const { code, stdout, stderr } = error as { code?: number; stdout: string; stderr: string };
      if (typeof code !== "number") throw error;
      return { exit: code, stdout, stderr };
    }
  }

  /** Runs verbs that must succeed, in one process; what each printed. */
  async batch(...commands: readonly string[][]): Promise<string[]> {
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
