import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { PASSPHRASE, type Project, type Ran } from "./project.ts";

/** Runs a script of this checkout with the project's passphrase, without a terminal. */
export async function commandIn(project: Project, script: string, ...args: string[]): Promise<Ran> {
  const child = spawn(process.execPath, [resolve(script), ...args], {
    env: {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${join(project.folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
      MLFLOW_TRACKING_URI: project.trackingUri,
      GITHUB_ACTOR: "ada",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number>((done) => child.once("close", (code) => done(code ?? -1)));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { exitCode: await ended, output: out + err };
}

/** Runs `npm run rollback` in the project. */
export const rollbackOf = (project: Project, ...args: string[]): Promise<Ran> =>
  commandIn(
    project,
    "deploy/rollback.ts",
    "--engine",
    "embedded",
    "--cwd",
    project.folder,
    "--stack",
    "production",
    ...args,
  );

/** Returns the seconds that a rollback printed. @throws Error with its output if it printed none */
export function secondsToServed({ output }: Ran): number {
  const [, seconds] = /serves at \S+, ([\d.]+) s after the command started/.exec(output) ?? [];
  if (seconds === undefined) throw new Error(`the rollback printed no seconds:\n${output}`);
  return Number(seconds);
}
