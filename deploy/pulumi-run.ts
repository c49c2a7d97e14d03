import { spawn } from "node:child_process";
import { delimiter, dirname, resolve } from "node:path";
import { findPulumi } from "./pulumi-cli.mjs";

export interface PulumiRun {
  readonly exitCode: number;
  /** Both streams, interleaved as they arrived. */
  readonly output: string;
}

/** The Pulumi CLI (installed or from npm) or the embedded engine. Both take the same commands. */
export const ENGINES = ["pulumi", "embedded"] as const;
export type EngineName = (typeof ENGINES)[number];

/**
 * Reads `--engine`.
 * @throws Error for an unknown name
 */
export function engineNamed(name: string): EngineName {
  const engine = ENGINES.find((known) => known === name);
  if (engine) return engine;
  throw new Error(`--engine must be ${ENGINES.join(" or ")}, got ${name}`);
}

export interface RunOptions {
  readonly engine?: EngineName;
  /** Folder of the project, if not the current one. */
  readonly cwd?: string | undefined;
  /** Variables in addition to the process's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether to hide the command's output. */
  readonly quiet?: boolean;
}

/**
 * Puts the Node that runs this project first, because the CLI starts the program and its providers with the first `node` on PATH.
 * @param path folders, as in PATH
 */
export const pathWithThisNode = (path: string | undefined): string =>
  [dirname(process.execPath), path].filter(Boolean).join(delimiter);

/**
 * Runs a Pulumi command, shows its output and returns it.
 * @throws Error if no working CLI is found
 */
export async function runPulumi(args: readonly string[], options: RunOptions = {}): Promise<PulumiRun> {
  const { engine = "pulumi", cwd, environment, quiet = false } = options;
  const embedded = resolve(import.meta.dirname, "../packages/engine/cli.ts");
  const [command, first] = engine === "pulumi" ? [await findPulumi(), []] : [process.execPath, [embedded]];
  const child = spawn(command, [...first, ...args], {
    stdio: ["inherit", "pipe", "pipe"],
    env: { ...process.env, ...environment, PATH: pathWithThisNode(process.env.PATH), NO_COLOR: "1" },
    ...(cwd !== undefined && { cwd }),
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (!quiet) process.stdout.write(text);
    });
  const exitCode = await new Promise<number>((done, fail) => {
    child
      .on("close", (code) => done(code ?? 1))
      .on("error", (cause) => fail(new Error(`${command} cannot be started: ${cause.message}`, { cause })));
  });
  return { exitCode, output };
}
