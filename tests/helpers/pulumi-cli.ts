import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import type { Ran } from "./project.ts";

const PASSPHRASE = "passphrase-of-a-test";

/** PATH without npm's folders, whose `pulumi` is a script that downloads the CLI. */
const FOLDERS = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.endsWith("node_modules/.bin"));

/** Returns the path of a program that is installed on the machine. */
export const installed = (program: string): string | undefined =>
  FOLDERS.map((folder) => join(folder, program)).find((path) => existsSync(path));

/** Programs that a stack requires besides the CLI, by description. */
export const missingOfPulumi = (...providers: string[]): string[] => [
  ...(installed("pulumi") && installed("pulumi-language-nodejs") ? [] : ["the Pulumi CLI (pulumi)"]),
  ...providers.flatMap((name) => {
    const program = `pulumi-resource-${name}`;
    return installed(program) ? [] : [`its ${name} provider (${program})`];
  }),
];

/** Environment for programs in a project's folder, which also contains the state. */
export const cliEnvironment = (folder: string): NodeJS.ProcessEnv => ({
  ...process.env,
  PULUMI_BACKEND_URL: `file://${resolve(folder)}`,
  PULUMI_HOME: join(folder, "home"),
  PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
  PULUMI_SKIP_UPDATE_CHECK: "true",
  // Every provider of these tests' stacks is installed; others must not be downloaded.
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  NO_COLOR: "1",
});

/** Runs the machine's Pulumi CLI in a project's folder. */
export const runCli = (folder: string, args: readonly string[]): Promise<Ran> =>
  runIn(folder, installed("pulumi") ?? "pulumi", args);

/** Runs a program in the project's environment. */
export async function runIn(folder: string, program: string, args: readonly string[], cwd = folder): Promise<Ran> {
  const child = spawn(program, args, { cwd, env: cliEnvironment(folder), stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  const exitCode = await new Promise<number>((done, fail) => {
    child.on("error", fail).on("close", (code) => done(code ?? -1));
  });
  return { exitCode, output };
}
