import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type ProcessSpec, stopDetached } from "../../infra/targets/local/detached-process.ts";
import { freePort } from "../helpers/free-port.ts";

/** Answers /environment with its variables and /child with the number of a child that it starts; ready after `delay` ms. */
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
  ...["node", "-e", SERVER, String(port), String(delay), name],
];

/** A folder that goes when the test ends, after whatever its identity files name was ended. */
export async function processFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "process-"));
  onTestFinished(async () => {
    await stopDetached(join(folder, "test.pid"));
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A server on a free port that answers at /health. */
export async function specOf(changes: Partial<ProcessSpec> = {}): Promise<ProcessSpec> {
  const [folder, port] = [await processFolder(), changes.port ?? (await freePort())];
  return {
    ...{ command: serverCommand(port), environment: {}, port, url: `http://127.0.0.1:${port}` },
    ...{ healthPath: "/health", startSeconds: 10 },
    ...{ logFile: join(folder, "test.log"), identityFile: join(folder, "test.pid"), ...changes },
  };
}

export const ask = async (url: string): Promise<unknown> => (await fetch(url)).json();

/** True while a process of that number runs. One that has ended (Z) may wait long for a parent who asks. */
export function runs(pid: number): boolean {
  const state = process.platform === "linux" ? stateOnLinux(pid) : stateByPs(pid);
  return state !== "" && !state.startsWith("Z");
}

/** Small machines have no `ps`. */
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
