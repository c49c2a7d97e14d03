import { spawn } from "node:child_process";
import { resolve } from "node:path";

export interface PulumiRun {
  readonly exitCode: number;
  /** Both streams, as they came. */
  readonly output: string;
}

/** Which engine: the CLI that PATH names, or the embedded one. They take the same commands. */
export const ENGINES = ["pulumi", "embedded"] as const;
export type EngineName = (typeof ENGINES)[number];

/**
 * Reads `--engine`.
 * @throws Error for another name
 */
export function engineNamed(name: string): EngineName {
  const engine = ENGINES.find((known) => known === name);
  if (engine) return engine;
  throw new Error(`--engine is ${name}: it must be ${ENGINES.join(" or ")}`);
}

export interface RunOptions {
  readonly engine?: EngineName;
  /** Folder of the project, when it is not this one. */
  readonly cwd?: string | undefined;
  /** Variables beside the process's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether what it prints is shown. */
  readonly quiet?: boolean;
}

/** Runs a command of Pulumi, shows what it prints, and answers it. */
export async function runPulumi(args: readonly string[], options: RunOptions = {}): Promise<PulumiRun> {
  const { engine = "pulumi", cwd, environment, quiet = false } = options;
  const embedded = resolve(import.meta.dirname, "../engine/cli.ts");
  const [command, first] = engine === "pulumi" ? ["pulumi", []] : [process.execPath, [embedded]];
  const child = spawn(command, [...first, ...args], {
    stdio: ["inherit", "pipe", "pipe"],
    env: { ...process.env, ...environment, NO_COLOR: "1" },
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
      .on("error", (cause) => {
        fail(
          new Error(`pulumi cannot be started: ${cause.message}. Install it: https://www.pulumi.com/docs/install`, {
            cause,
          }),
        );
      });
  });
  return { exitCode, output };
}
