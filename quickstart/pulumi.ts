import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { findInstalledPulumi, findPulumi } from "../deploy/pulumi-cli.mjs";
import { pathWithThisNode } from "../deploy/pulumi-run.ts";
import type { Options } from "./options.ts";
import type { Watch, Watcher } from "./watch.ts";
import { stateFolderOf, WORKSPACE } from "./workspace.ts";

/** The quickstart has no real secrets to protect. */
const PASSPHRASE = "quickstart";

export interface CommandResult {
  readonly exitCode: number;
  /** Lines of stdout and stderr, in the order in which they arrived. */
  readonly output: string;
}

/** Runs an engine command in the quickstart's project. */
export type Pulumi = (...args: string[]) => Promise<CommandResult>;

/** Returns the command with which a user starts the engine in a terminal. */
export async function commandOf(engine: Options["engine"]): Promise<string> {
  if (engine === "embedded") return "npx node packages/engine/cli.ts";
  const command = await findPulumi();
  return command === findInstalledPulumi() ? "pulumi" : "npx pulumi";
}

/** Returns the environment variables for the quickstart's state and passphrase. */
export const stateVariables = () => ({
  PULUMI_BACKEND_URL: `file://${resolve(stateFolderOf(WORKSPACE))}`,
  PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
});

/** Returns a runner for the selected engine. The embedded engine and the official CLI accept the same commands. */
export async function pulumiWith(engine: Options["engine"]): Promise<(watch: Watch) => Pulumi> {
  const [command, first] =
    engine === "embedded" ? [process.execPath, [resolve("packages/engine/cli.ts")]] : [await findPulumi(), []];
  return (watch) =>
    async (...args) => {
      const watcher = watch(`$ pulumi ${args.join(" ")}`);
      try {
        return await run(command, [...first, ...args], watcher);
      } finally {
        watcher.end();
      }
    };
}

async function run(command: string, args: readonly string[], watcher: Watcher): Promise<CommandResult> {
  const child = spawn(command, args, {
    cwd: WORKSPACE,
    env: {
      ...process.env,
      ...stateVariables(),
      PATH: pathWithThisNode(process.env.PATH),
      PULUMI_SKIP_UPDATE_CHECK: "true",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => {
      output += `${line}\n`;
      watcher.show(line);
    });
  const exitCode = await new Promise<number>((done, fail) => {
    child.on("error", fail);
    child.on("close", (code, signal) => done(code ?? (signal ? 1 : 0)));
  });
  return { exitCode, output };
}
