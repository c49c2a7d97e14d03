import { expect, test } from "vitest";
import { EARLY, judgeCanary, type Seen, verdictOf } from "../../../infra/targets/kubernetes/canary/judge.ts";

const POLICY = {
  ...{ errorRateMargin: 0.02, latencyFactor: 1.5, latencyFloorMs: 5, predictionMargin: 0.1, minRequests: 200 },
};

interface Shape {
  readonly failed?: number;
  readonly refused?: number;
  /** Seconds: every request took about this. */
  readonly took?: number;
  /** Rows of class 1, of as many as requests. */
  readonly positives?: number;
  /** Milliseconds: rounds of probes from outside took from half to one and a half times this. */
  readonly probe?: number;
  readonly rounds?: number;
}

const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25];
function traffic(requests: number, shape: Shape = {}): Seen {
  const { failed = 0, refused = 0, took = 0.008, positives = 0.3, probe = 6, rounds = 30 } = shape;
  const bucket = BOUNDS.find((bound) => took <= bound) ?? Infinity;
  const ones = Math.round(requests * positives);
  return {
    ...{ requests, failed, refused },
    rounds: Array.from({ length: rounds }, (_, index) => probe * (0.5 + ((index * 37) % rounds) / rounds)),
    durations: new Map([...BOUNDS, Infinity].map((bound) => [bound, bound === bucket ? requests : 0])),
    predictions: new Map([
      ["0", requests - ones],
      ["1", ones],
    ]),
  };
}

const judged = (canary: Seen, stable: Seen, z?: number) => {
  const findings = judgeCanary(canary, stable, POLICY, z);
  const bad = findings.filter(({ verdict }) => verdict !== "pass").map(({ check, verdict }) => `${check} ${verdict}`);
  return { verdict: verdictOf(findings), bad, findings };
};

test("passes what answers as the stable pods do", () => {
  const { verdict, bad } = judged(traffic(500, { failed: 1 }), traffic(5000, { failed: 5 }));
  expect([verdict, bad]).toEqual(["pass", []]);
});

test("a model without classes is judged by the rest", () => {
  const without = (requests: number) => ({ ...traffic(requests), predictions: new Map() });
  expect(judged(without(500), without(5000))).toMatchObject({ verdict: "pass", bad: [] });
  expect(judged(without(500), traffic(5000)).bad).toEqual(["predictions inconclusive"]);
});

test.each([
  ["errors", { failed: 50 }],
  ["refusals", { refused: 50 }],
  ["latency", { took: 0.08 }],
  ["reach", { probe: 40 }],
  ["predictions", { positives: 0.6 }],
])("fails by %s alone", (check, shape: Shape) => {
  const { verdict, bad } = judged(traffic(500, shape), traffic(5000));
  expect([verdict, bad]).toEqual(["fail", [`${check} fail`]]);
});

test("does not blame the canary for errors that the stable pods have, too", () => {
  expect(judged(traffic(1000, { failed: 100 }), traffic(9000, { failed: 900 })).bad).toEqual(["errors inconclusive"]);
  expect(judged(traffic(9000, { failed: 900 }), traffic(9000, { failed: 900 })).verdict).toBe("pass");
});

test("too few requests prove nothing, in either direction", () => {
  expect(judged(traffic(20), traffic(5000)).verdict).toBe("inconclusive");
  expect(judged(traffic(0), traffic(0)).bad).toContain("traffic inconclusive");
  expect(judged(traffic(0), traffic(0)).verdict).toBe("inconclusive");
});

test("a few errors by chance do not fail it", () => {
  expect(judged(traffic(30, { failed: 1 }), traffic(300), EARLY).verdict).toBe("inconclusive");
});

test("what is fast in absolute terms is not slow", () => {
  expect(judged(traffic(500, { took: 0.004 }), traffic(5000, { took: 0.004 })).verdict).toBe("pass");
});

test("the look before the end asks for more than the verdict at the end", () => {
  const [canary, stable] = [traffic(300, { failed: 13 }), traffic(3000)];
  expect([judged(canary, stable).verdict, judged(canary, stable, EARLY).verdict]).toEqual(["fail", "inconclusive"]);
});

test("probes from outside fail what surely takes longer, and hold up nothing else", () => {
  const probed = (probe: number, rounds: number) => judged(traffic(500, { probe, rounds }), traffic(5000)).bad;
  expect(probed(9, 30)).toEqual([]);
  // A few, which chance may have made slow.
  expect(probed(40, 5)).toEqual([]);
  expect(probed(40, 6)).toEqual(["reach fail"]);
  expect(probed(40, 0)).toEqual([]);
});

test("a pause that some rounds met, and pods without callers, do not fail it", () => {
  const seen = traffic(500);
  const paused = { ...seen, rounds: seen.rounds.map((time, index) => (index < 9 ? 80 : time)) };
  expect(judged(paused, traffic(5000)).bad).toEqual([]);
  expect(judged(traffic(0, { probe: 40 }), traffic(5000)).bad).not.toContain("reach fail");
});

test("says in one line each what was compared", () => {
  const { findings } = judged(traffic(500, { failed: 50, positives: 0.6 }), traffic(5000));
  expect(findings.map(({ detail }) => detail)).toEqual([
    "canary 500 requests, stable 5000",
    "5xx canary 10.0 %, stable 0.0 %, 2.0 % more allowed",
    "4xx canary 0.0 %, stable 0.0 %, 2.0 % more allowed",
    "p95 canary 9.8 ms, stable 9.8 ms, 14.6 ms allowed",
    "slowest of 30 and 30 rounds of probes from outside, three quarters of them within: canary 7.4 ms, stable 7.4 ms",
    "class 1 canary 60.0 %, stable 30.0 %, 10.0 % apart allowed",
  ]);
});
