import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SERVICE = join(import.meta.dirname, "../../../service");
/** Arguments with which images and target local start the service. */
const MAIN = "main.ts";
/** Target local also keeps compiled code, which makes a start a third faster. */
const COMPILED = { NODE_COMPILE_CACHE: join(tmpdir(), "model-promotion-test-compiled") };

export interface RunningService extends AsyncDisposable {
  readonly url: string;
  /** Milliseconds from the process's start until it listened, as it reports. */
  readonly startMs: number;
  readonly child: ChildProcess;
  /** Resolves to the exit code. */
  readonly exited: Promise<number | null>;
}

/** Starts the service with exactly this environment: no variable of the developer's shell reaches it. */
function spawnService(env: Record<string, string>, file: string) {
  const child = spawn(process.execPath, ["--max-semi-space-size=4", join(SERVICE, file)], {
    env: { PATH: process.env.PATH ?? "", PORT: "0", ...COMPILED, ...env },
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    output.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output.stderr += chunk;
  });
  const exited = once(child, "close").then(() => child.exitCode);
  return { child, output, exited };
}

/**
 * Starts a real service process, and waits until it listens. Killed when the `await using` ends.
 * @param file `start.mjs` to start it as `npm run serve` does
 */
export async function startService(env: Record<string, string>, file = MAIN): Promise<RunningService> {
  const { child, output, exited } = spawnService(env, file);
  const listening = (async () => {
    while (!output.stdout.includes("\n")) await once(child.stdout, "data");
    return JSON.parse(output.stdout.split("\n")[0] ?? "") as { listening: string; startMs: number };
  })();
  const failed = exited.then((code) => {
    throw new Error(`the service exited with ${code}: ${output.stderr}`);
  });
  failed.catch(() => {}); // seen by the race; afterwards an exit is expected
  const { listening: url, startMs } = await Promise.race([listening, failed]);
  const dispose = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  return { url, startMs, child, exited, [Symbol.asyncDispose]: dispose };
}

/** Returns the message of a service that cannot start. */
export async function failedStart(
  env: Record<string, string>,
  file = MAIN,
): Promise<{ code: number | null; stderr: string }> {
  const { child, output, exited } = spawnService(env, file);
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  const code = await exited;
  clearTimeout(timer);
  return { code, stderr: output.stderr };
}
