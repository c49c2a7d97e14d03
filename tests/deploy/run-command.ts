import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

export const withoutNames = (more: object) => ({ ...process.env, MODEL_NAME: "", MLFLOW_TRACKING_URI: "", ...more });

export async function run(script: string, args: readonly string[], env: object) {
  const child = spawn(process.execPath, [script, ...args], {
    env: withoutNames(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number>((done) => child.once("close", (code) => done(code ?? -1)));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { exitCode: await ended, out, err };
}
