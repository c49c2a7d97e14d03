import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface LoadResult {
  readonly requests: number;
  /** Requests per second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Responses other than 2xx, and broken connections. */
  readonly failed: number;
}

export interface Load {
  readonly url: string;
  readonly body: string;
  readonly connections: number;
  readonly seconds: number;
}

/** wrk is the load generator. It is written in C and uses a small share of one core; one in Node would use as much as the server. */
export async function findWrk(): Promise<void> {
  await run("wrk", ["-v"]).catch((error: NodeJS.ErrnoException) => {
    // `wrk -v` prints its version and exits with 1.
    if (error.code === "ENOENT")
      throw new Error("wrk, the load generator, is missing. On Debian and Ubuntu: apt-get install wrk", {
        cause: error,
      });
  });
}

/** The generator gets the last core, the server the others, so that they do not compete. */
export const serverCores = (cores: number): string => (cores > 1 ? `0-${cores - 2}` : "0");

/** Sends sequential requests on each connection. */
export async function load({ url, body, connections, seconds }: Load, cores: number): Promise<LoadResult> {
  const folder = await mkdtemp(join(tmpdir(), "wrk-"));
  const script = join(folder, "post.lua");
  try {
    await writeFile(join(folder, "body.json"), body);
    await writeFile(script, postScript(join(folder, "body.json")));
    const args = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "30s", "-s", script, url];
    const { stdout } = await run("taskset", ["-c", String(cores - 1), "wrk", ...args]);
    const line = stdout.split("\n").findLast((text) => text.startsWith("{"));
    if (line === undefined) throw new Error(`wrk printed no results:\n${stdout}`);
    return JSON.parse(line) as LoadResult;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const postScript = (bodyFile: string) => `
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local file = io.open(${JSON.stringify(bodyFile)}, "rb")
wrk.body = file:read("*a")
file:close()
done = function(summary, latency, requests)
  local errors = summary.errors
  print(string.format('{"requests": %d, "rate": %.1f, "p50": %.3f, "p99": %.3f, "failed": %d}',
    summary.requests, summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
`;
