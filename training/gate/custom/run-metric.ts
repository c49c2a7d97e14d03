import { spawn } from "node:child_process";

export interface MetricCommand {
  /** A program and its arguments, run without a shell. */
  readonly command: readonly string[];
  /** The file for the command to read: its last argument, and the variable PREDICTIONS. */
  readonly predictions: string;
  /** Passed to the command as CONFIDENCE. */
  readonly confidence?: number | undefined;
  readonly timeoutSeconds: number;
}

/** Output and exit status of a command. */
export interface CommandEnd {
  readonly stdout: string;
  readonly stderr: string;
  /** Why the command failed; undefined after exit code 0. */
  readonly failure: string | undefined;
}

/** Bytes to keep from the end of each stream. */
const TAIL_BYTES = 64 * 1024;
/** How long to keep reading streams that are still open after the command has exited. */
const DRAIN_MS = 2_000;

/**
 * Variables that a program needs to start, find its packages, and write text. Secrets of the registry, cloud and stack are not passed on, because a
 * metric may be any program.
 */
const PASSED_ON =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR|TMP|TEMP|VIRTUAL_ENV|CONDA_PREFIX|PYTHONPATH|PYTHONHOME|LD_LIBRARY_PATH|OMP_NUM_THREADS|SYSTEMROOT)$/;

/** Returns the environment of a metric's command. */
export function metricEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  { predictions, confidence }: Pick<MetricCommand, "predictions" | "confidence">,
): Record<string, string> {
  const passed = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && PASSED_ON.test(name) ? [[name, value] as const] : [],
  );
  return {
    ...Object.fromEntries(passed),
    PREDICTIONS: predictions,
    ...(confidence !== undefined && { CONFIDENCE: String(confidence) }),
  };
}

/** Runs a metric's command to completion, then kills the processes it started that stayed in its process group. */
export async function runMetric(metric: MetricCommand): Promise<CommandEnd> {
  const [program = "", ...args] = metric.command;
  const child = spawn(program, [...args, metric.predictions], {
    env: metricEnvironment(process.env, metric),
    stdio: ["ignore", "pipe", "pipe"],
    // Creates a process group, so that the command's children can be killed with it.
    detached: true,
  });
  const [stdout, stderr] = [new Tail(child.stdout), new Tail(child.stderr)];
  const kill = () => killGroup(child.pid);
  process.once("exit", kill);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, metric.timeoutSeconds * 1_000);
  const failure = await new Promise<string | undefined>((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) =>
      resolve(error.code === "ENOENT" ? `${program} was not found` : `${program} did not start: ${error.message}`),
    );
    child.once("exit", () => {
      // Orphaned children keep the streams open, and children that left the group cannot be killed.
      kill();
      setTimeout(() => [child.stdout, child.stderr].map((stream) => stream.destroy()), DRAIN_MS).unref();
    });
    child.once("close", (code, signal) => {
      if (timedOut) resolve(`timed out after ${metric.timeoutSeconds} s (timeoutSeconds)`);
      else resolve(code === 0 ? undefined : `exited with ${signal ?? `code ${code}`}`);
    });
  });
  clearTimeout(timer);
  process.removeListener("exit", kill);
  return { stdout: stdout.text, stderr: stderr.text, failure };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // All processes of the group have exited.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH" && (error as NodeJS.ErrnoException).code !== "EPERM")
      throw error;
  }
}

/** Keeps the end of a stream. */
class Tail {
  #bytes = Buffer.alloc(0);

  constructor(stream: NodeJS.ReadableStream) {
    stream.on("data", (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      if (this.#bytes.length > 2 * TAIL_BYTES) this.#bytes = this.#bytes.subarray(-TAIL_BYTES);
    });
  }

  get text(): string {
    return this.#bytes.subarray(-TAIL_BYTES).toString("utf8");
  }
}
