import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import type { Ran } from "./project.ts";

const PASSPHRASE = "passphrase-of-a-test";

/** The folders of PATH without npm's: its `pulumi` is a script that downloads the CLI. */
const FOLDERS = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.endsWith("node_modules/.bin"));

/** Where a program that is installed on the machine is. */
export const installed = (program: string): string | undefined =>
  FOLDERS.map((folder) => join(folder, program)).find((path) => existsSync(path));

/** Programs that a stack needs beside the CLI itself, by what they are. */
export const missingOfPulumi = (...providers: string[]): string[] => [
  ...(installed("pulumi") && installed("pulumi-language-nodejs") ? [] : ["the Pulumi CLI (pulumi)"]),
  ...providers.flatMap((name) => {
    const program = `pulumi-resource-${name}`;
    return installed(program) ? [] : [`its ${name} provider (${program})`];
  }),
];

/** Environment in which programs use a project's folder, which holds the state as well. */
export const cliEnvironment = (folder: string): NodeJS.ProcessEnv => ({
  ...process.env,
  PULUMI_BACKEND_URL: `file://${resolve(folder)}`,
  PULUMI_HOME: join(folder, "home"),
  PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
  PULUMI_SKIP_UPDATE_CHECK: "true",
  // Every provider that a stack of these tests has is installed; one that it has not is not fetched.
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  NO_COLOR: "1",
});

/** Runs the machine's Pulumi CLI in a project's folder. */
export const runCli = (folder: string, args: readonly string[]): Promise<Ran> =>
  runIn(folder, installed("pulumi") ?? "pulumi", args);

/** Runs a program that is to use the project. */
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
