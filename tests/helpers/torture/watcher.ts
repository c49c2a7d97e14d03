import { setTimeout as sleep } from "node:timers/promises";

/** Requests predictions from a running service over real HTTP until it is stopped. */
export interface Watcher {
  readonly asked: number;
  /** Failures while the service was not being replaced. */
  readonly failures: readonly string[];
  /** Set while the service is replaced, because target local has one process per port. */
  exchanging: boolean;
  stop(): Promise<void>;
}

const FEATURES = JSON.stringify({ features: [[0.3, -0.7, 1.1, 0.4, -0.2, 0.9, -1.3, 0.1, 0.5, -0.6]] });
const EVERY_MS = 40;

export function watch(url: string): Watcher {
  const failures: string[] = [];
  const state = { asked: 0, stopped: false };
  const watcher = {
    failures,
    exchanging: false,
    get asked() {
      return state.asked;
    },
    stop: async () => {
      state.stopped = true;
      await loop;
    },
  };
  const ask = async () => {
    const response = await fetch(`${url}/predict`, {
      method: "POST",
      body: FEATURES,
      headers: { "content-type": "application/json", connection: "close" },
      signal: AbortSignal.timeout(5000),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`HTTP ${response.status} ${text.slice(0, 100)}`);
  };
  const run = async () => {
    while (!state.stopped) {
      const before = watcher.exchanging;
      state.asked++;
      await ask().catch((error: Error) => {
        if (!before && !watcher.exchanging) failures.push(`${error.message}: ${(error.cause as Error)?.message ?? ""}`);
      });
      await sleep(EVERY_MS);
    }
  };
  const loop = run();
  return watcher;
}
