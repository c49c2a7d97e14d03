import { afterAll } from "vitest";
import type { Counts } from "./pod-callers.ts";

/** What the tests of a file measure, printed at its end. */
export interface Figures {
  failedRequests: number;
  requests: number;
  /** Failed updates after which another version had a stage. */
  stagesMovedWrongly: number;
  /** From the start of a rollout that cannot succeed to its error. */
  slowestFailureSeconds: number;
  rollbackSeconds?: number;
}

/** Figures of a file, and its cases, printed as they end. */
export function figures() {
  const all: Figures = { failedRequests: 0, requests: 0, stagesMovedWrongly: 0, slowestFailureSeconds: 0 };
  afterAll(() => console.log(JSON.stringify(all)));
  return {
    all,
    addCalls({ sent, failed }: Counts) {
      all.requests += sent;
      all.failedRequests += failed;
    },
    /** Runs a step, and prints how long it took. */
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
