import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SERVICE = join(import.meta.dirname, "../../../service");
/** As images and target local start it. */
const MAIN = "main.ts";
/** Target local keeps what is compiled, too: a start takes a third less time. */
const COMPILED = { NODE_COMPILE_CACHE: join(tmpdir(), "model-promotion-test-compiled") };

export interface RunningService extends AsyncDisposable {
  readonly url: string;
  /** Milliseconds from the process's start until it listened, as it says itself. */
  readonly startMs: number;
  readonly child: ChildProcess;
  /** Resolves to the exit code. */
  readonly exited: Promise<number | null>;
}

/** The environment is only what is given: no variable of the developer's shell reaches the service. */
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
 * A real service process that has said that it listens. Killed when the `await using` ends.
 * @param file `start.mjs`, as `npm run serve` starts it
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

/** What a service says that cannot start. */
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
