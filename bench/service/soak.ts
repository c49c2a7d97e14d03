import type { RunningContender } from "./processes.ts";
import { CORES } from "./processes.ts";
import { load } from "./wrk.ts";

/** A twentieth of the time is warm-up, in which the heap may still grow to its size. */
const PARTS = 20;

/** Loads the server for the given minutes and prints its memory. Returns the growth from the end of the warm-up to the end, MiB. */
export async function soak(
  server: RunningContender,
  body: string,
  minutes: number,
  log: (line: string) => void,
): Promise<{ warmMiB: number; endMiB: number; growthMiB: number; requests: number }> {
  const seconds = Math.max(1, Math.round((minutes * 60) / PARTS));
  let requests = 0;
  let warmMiB = 0;
  let endMiB = 0;
  for (let part = 1; part <= PARTS; part++) {
    const result = await load({ url: server.url, body, connections: 32, seconds }, CORES);
    if (result.failed > 0) throw new Error(`${result.failed} requests failed`);
    requests += result.requests;
    endMiB = Math.round(await server.rssMiB());
    if (part === 1) warmMiB = endMiB;
    log(`${((part * seconds) / 60).toFixed(1)} min, ${requests} requests: ${endMiB} MiB`);
  }
  return { warmMiB, endMiB, growthMiB: endMiB - warmMiB, requests };
}
