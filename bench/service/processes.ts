import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../tests/helpers/free-port.ts";
import { serverCores } from "./wrk.ts";

/** The values of a row, in the model's order. */
export type Row = readonly unknown[];

export interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  readonly environment?: Record<string, string>;
  /** Path that the requests go to. */
  readonly path: string;
  /** Turns rows into a body; default: `{"features": rows}`. */
  readonly body?: (rows: readonly Row[]) => string;
  /** Time limit for the first response; 20 if not set. */
  readonly startSeconds?: number;
}

export interface RunningContender extends Contender {
  readonly url: string;
  readonly port: number;
  /** From the start of the process to the response to its first request, milliseconds. */
  readonly startMs: number;
  /** Memory of the process and its descendants, MiB. */
  rssMiB(): Promise<number>;
  /** CPU time of the process and its descendants so far, seconds. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

export const CORES = cpus().length;

/** Starts a server on its own cores and waits until it answers `body` with 200. */
export async function start(contender: Contender, body: string): Promise<RunningContender> {
  const port = await freePort();
  const begun = performance.now();
  const [command = "", ...args] = contender.command.map((part) => part.replace("{port}", String(port)));
  const child = spawn("taskset", ["-c", serverCores(CORES), command, ...args], {
    env: { ...process.env, PORT: String(port), ...contender.environment },
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr = (stderr + chunk).slice(-2000);
  });
  const stop = () => end(child);
  const url = `http://127.0.0.1:${port}${contender.path}`;
  const deadline = begun + (contender.startSeconds ?? 20) * 1000;
  for (;;) {
    const status = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => 0,
    );
    if (status === 200) break;
    if (child.exitCode !== null || performance.now() > deadline) {
      await stop();
      throw new Error(`${contender.name} did not start (last status ${status}): ${stderr}`);
    }
    await sleep(2);
  }
  const startMs = performance.now() - begun;
  const pid = child.pid ?? 0;
  return {
    ...contender,
    url,
    port,
    startMs,
    stop,
    rssMiB: () => sumOver(pid, residentMiB),
    cpuSeconds: () => sumOver(pid, cpuSeconds),
  };
}

/** Kills the process and all its descendants, because BentoML's workers leave its process group. */
async function end(child: ChildProcess): Promise<void> {
  // Workers that left the group may keep the pipe open after this process should exit.
  child.stderr?.destroy();
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const started: number[] = [];
  await sumOver(child.pid, async (pid) => started.push(pid));
  const exited = once(child, "exit");
  for (const pid of started)
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  await exited;
}

/** Sums over a process and its descendants. */
async function sumOver(pid: number, of: (pid: number) => Promise<number>): Promise<number> {
  let sum = await of(pid);
  for (const task of await readdir(`/proc/${pid}/task`).catch(() => [])) {
    const children = await readFile(`/proc/${pid}/task/${task}/children`, "utf8").catch(() => "");
    for (const child of children.trim().split(" ").filter(Boolean)) sum += await sumOver(Number(child), of);
  }
  return sum;
}

async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}

/** Returns the CPU time of a process. Linux counts it in hundredths of a second (USER_HZ): fields 14 and 15, after a name that may contain spaces. */
async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") ");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}
