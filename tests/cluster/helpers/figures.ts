import { afterAll } from "vitest";
import type { Counts } from "./pod-callers.ts";

/** Measurements of a test file, printed at its end. */
export interface Figures {
  failedRequests: number;
  requests: number;
  /** Failed updates after which a stage had moved. */
  stagesMovedWrongly: number;
  /** Time from the start of a rollout that cannot succeed to its error. */
  slowestFailureSeconds: number;
  rollbackSeconds?: number;
}

/** Creates the figures of a file; prints its cases as they end. */
export function figures() {
  const all: Figures = { failedRequests: 0, requests: 0, stagesMovedWrongly: 0, slowestFailureSeconds: 0 };
  afterAll(() => console.log(JSON.stringify(all)));
  return {
    all,
    addCalls({ sent, failed }: Counts) {
      all.requests += sent;
      all.failedRequests += failed;
    },
    /** Runs a step, and prints its duration. */
    async timed<Answer>(what: string, run: () => Promise<Answer>): Promise<Answer> {
      const start = performance.now();
      try {
        return await run();
      } finally {
        console.log(`${what}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
      }
    },
  };
}
