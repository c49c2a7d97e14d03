import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type ProcessSpec, stopDetached } from "../../infra/targets/local/detached-process.ts";
import { freePort } from "../helpers/free-port.ts";

/** Returns its variables at /environment and the PID of a new child at /child; ready after `delay` ms. */
const SERVER = `
  const { createServer } = require("node:http");
  const child = require("node:child_process").spawn("sleep", ["300"]);
  const [port, delay, name] = process.argv.slice(1);
  const started = Date.now();
  createServer((request, response) => {
    const answers = { "/environment": process.env, "/child": child.pid, "/name": name, "/pid": process.pid };
    response.statusCode = request.url === "/health" && Date.now() - started < delay ? 503 : 200;
    response.end(JSON.stringify(answers[request.url] ?? null));
  }).listen(Number(port), "127.0.0.1");`;

export const serverCommand = (port: number, { delay = 0, name = "" } = {}): string[] => [
  "node",
  "-e",
  SERVER,
  String(port),
  String(delay),
  name,
];

/** A folder that is removed when the test ends, after the processes in its identity files were stopped. */
export async function processFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "process-"));
  onTestFinished(async () => {
    await stopDetached(join(folder, "test.pid"));
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A server on a free port that responds at /health. */
export async function specOf(changes: Partial<ProcessSpec> = {}): Promise<ProcessSpec> {
  const [folder, port] = [await processFolder(), changes.port ?? (await freePort())];
  return {
    command: serverCommand(port),
    environment: {},
    port,
    url: `http://127.0.0.1:${port}`,
    healthPath: "/health",
    startSeconds: 10,
    logFile: join(folder, "test.log"),
    identityFile: join(folder, "test.pid"),
    ...changes,
  };
}

export const ask = async (url: string): Promise<unknown> => (await fetch(url)).json();

/** Whether a process with this PID runs. One that has exited (Z) may wait long for its parent to reap it. */
export function runs(pid: number): boolean {
  const state = process.platform === "linux" ? stateOnLinux(pid) : stateByPs(pid);
  return state !== "" && !state.startsWith("Z");
}

/** Reads /proc, because small machines have no `ps`. */
function stateOnLinux(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2);
  } catch {
    return "";
  }
}

const stateByPs = (pid: number): string =>
  spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).stdout.trim();
