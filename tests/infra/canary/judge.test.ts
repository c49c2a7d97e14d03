import { describe, expect, test } from "vitest";
import { EARLY, judgeCanary, type Observed, verdictOf } from "../../../infra/targets/kubernetes/canary/judge.ts";
import type { CpuCount } from "../../../infra/targets/kubernetes/canary/traffic.ts";

const POLICY = {
  errorRateMargin: 0.02,
  latencyFactor: 1.5,
  latencyFloorMs: 5,
  predictionMargin: 0.1,
  minRequests: 200,
};

interface Shape {
  readonly failed?: number;
  readonly refused?: number;
  /** Approximate latency of every request, seconds. */
  readonly took?: number;
  /** Rows of class 1; there are as many rows as requests. */
  readonly positives?: number;
  /** Response time of external probes, milliseconds; rounds vary from half to one and a half times this. */
  readonly probe?: number;
  readonly rounds?: number;
  /** Additional time of each round, milliseconds. */
  readonly later?: number;
  /** Share of CPU periods with throttling; null if /metrics does not report it. */
  readonly throttled?: number | null;
  /** Share of the time in which the pods waited for a CPU. */
  readonly waited?: number;
}

/** Of 400 periods. */
const throttledIn = (periods: number, seconds: number): [CpuCount, number][] => [
  ["periods", 400],
  ["throttled", periods],
  ["throttledSeconds", periods * seconds],
];

const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25];
function traffic(requests: number, shape: Shape = {}): Observed {
  const { failed = 0, refused = 0, took = 0.008, positives = 0.3, probe = 6, rounds = 30 } = shape;
  const { later = 0, throttled = 0, waited = 0.05 } = shape;
  const bucket = BOUNDS.find((bound) => took <= bound) ?? Infinity;
  const ones = Math.round(requests * positives);
  return {
    requests,
    failed,
    refused,
    rounds: Array.from({ length: rounds }, (_, index) => probe * (0.5 + ((index * 37) % rounds) / rounds) + later),
    cpu: new Map<CpuCount, number>([
      ...(throttled === null ? [] : throttledIn(400 * throttled, 0.06)),
      ["ranSeconds", 2 * (1 - waited)],
      // A throttled thread also waits, but not because of other load.
      ["waitedSeconds", 2 * waited + 400 * (throttled ?? 0) * 0.06],
    ]),
    durations: new Map([...BOUNDS, Infinity].map((bound) => [bound, bound === bucket ? requests : 0])),
    predictions: new Map([
      ["0", requests - ones],
      ["1", ones],
    ]),
  };
}

/** Normally distributed numbers, the same in every run. */
function randomNumbers(): () => number {
  let seed = 1;
  const uniform = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

const judged = (canary: Observed, stable: Observed, z?: number) => {
  const findings = judgeCanary(canary, stable, POLICY, z);
  const bad = findings.filter(({ verdict }) => verdict !== "pass").map(({ check, verdict }) => `${check} ${verdict}`);
  return { verdict: verdictOf(findings), bad, findings };
};

test("passes a canary that behaves like the stable pods", () => {
  const { verdict, bad } = judged(traffic(500, { failed: 1 }), traffic(5000, { failed: 5 }));
  expect([verdict, bad]).toEqual(["pass", []]);
});

test("compares a model without classes by the other metrics", () => {
  const without = (requests: number) => ({ ...traffic(requests), predictions: new Map() });
  expect(judged(without(500), without(5000))).toMatchObject({ verdict: "pass", bad: [] });
  expect(judged(without(500), traffic(5000)).bad).toEqual(["predictions inconclusive"]);
});

test.each([
  ["errors", { failed: 50 }],
  ["refusals", { refused: 50 }],
  ["latency", { took: 0.08 }],
  ["reach", { probe: 40 }],
  ["throttling", { throttled: 0.15 }],
  ["predictions", { positives: 0.6 }],
])("fails by %s alone", (check, shape: Shape) => {
  const { verdict, bad } = judged(traffic(500, shape), traffic(5000));
  expect([verdict, bad]).toEqual(["fail", [`${check} fail`]]);
});

test("does not blame the canary for errors that the stable pods also have", () => {
  expect(judged(traffic(1000, { failed: 100 }), traffic(9000, { failed: 900 })).bad).toEqual(["errors inconclusive"]);
  expect(judged(traffic(9000, { failed: 900 }), traffic(9000, { failed: 900 })).verdict).toBe("pass");
});

test("too few requests are inconclusive, in either direction", () => {
  expect(judged(traffic(20), traffic(5000)).verdict).toBe("inconclusive");
  expect(judged(traffic(0), traffic(0)).bad).toContain("traffic inconclusive");
  expect(judged(traffic(0), traffic(0)).verdict).toBe("inconclusive");
});

test("tolerates a few random errors", () => {
  expect(judged(traffic(30, { failed: 1 }), traffic(300), EARLY).verdict).toBe("inconclusive");
});

test("latencies below the floor are never slow", () => {
  expect(judged(traffic(500, { took: 0.004 }), traffic(5000, { took: 0.004 })).verdict).toBe("pass");
});

test("an interim look requires more confidence than the final verdict", () => {
  const [canary, stable] = [traffic(300, { failed: 13 }), traffic(3000)];
  expect([judged(canary, stable).verdict, judged(canary, stable, EARLY).verdict]).toEqual(["fail", "inconclusive"]);
});

test("enough external probes fail a canary that is certainly slower", () => {
  const probed = (probe: number, rounds: number) =>
    judged(traffic(500, { probe, rounds }), traffic(5000, { rounds })).bad;
  expect(probed(9, 30)).toEqual([]);
  // With only a few, the difference may be due to chance.
  expect(probed(40, 5)).toEqual(["reach inconclusive"]);
  expect(probed(9, 5)).toEqual(["reach inconclusive"]);
  expect(probed(40, 6)).toEqual(["reach fail"]);
  const early = judged(traffic(500, { probe: 40, rounds: 10 }), traffic(5000, { rounds: 10 }), EARLY);
  expect(early.bad).toContain("reach inconclusive");
});

test("pauses in some rounds, and pods without callers, do not fail the canary", () => {
  const seen = traffic(500);
  const paused = { ...seen, rounds: seen.rounds.map((time = 0, index) => (index < 9 ? 80 : time)) };
  expect(judged(paused, traffic(5000)).bad).toEqual([]);
  expect(judged(traffic(0, { probe: 40 }), traffic(5000)).bad).not.toContain("reach fail");
});

test("omits rounds in which one side did not respond", () => {
  const [canary, stable] = [traffic(500, { later: 40 }), traffic(5000)];
  const unanswered = { ...stable, rounds: stable.rounds.map((time, index) => (index < 25 ? undefined : time)) };
  expect(judged(canary, unanswered).findings.find(({ check }) => check === "reach")).toMatchObject({
    verdict: "inconclusive",
    detail: "pods of both answered 5 rounds of probes from outside, 6 are needed",
  });
  expect(judged(canary, stable).bad).toEqual(["reach fail"]);
});

describe("on a busy node", () => {
  // Measured in a real cluster for a canary with a CPU limit of 60m: 49.5 ms against 28.6 ms.
  const busy = { probe: 28.6, waited: 0.7 };
  const against = (later: number, more: Shape = busy) => {
    const { bad, findings } = judged(traffic(500, { ...more, later }), traffic(5000, more));
    return { bad, detail: findings.find(({ check }) => check === "reach")?.detail };
  };

  test("a slow canary does not pass, even if the load has also slowed the stable pods", () => {
    expect(against(20.9).bad).toEqual(["reach fail"]);
    // Less than 1.5 times as slow, but without the load the stable pods would have taken a third of the time.
    const { bad, detail } = against(10);
    expect(bad).toEqual(["reach inconclusive"]);
    expect(detail).toMatch(
      /stable 28\.1 ms, 5\.0 ms more allowed; their node was busy: they waited for a CPU 70\.0 % of the time$/,
    );
  });

  test("a canary that is as fast as the stable pods passes", () => {
    expect(against(2).bad).toEqual([]);
  });

  test("without load, a difference within the factor passes", () => {
    expect(against(10, { probe: 28.6 }).bad).toEqual([]);
  });

  test("stable pods that wait because of their own limit do not indicate load", () => {
    expect(against(10, { probe: 28.6, throttled: 0.3 }).bad).toEqual([]);
  });

  test("compares rounds pairwise, because they vary with the load", () => {
    const load = Array.from({ length: 30 }, (_, index) => 20 + 30 * ((index * 37) % 30));
    const seen = (later: number) => ({ ...traffic(500, { waited: 0.7 }), rounds: load.map((time) => time + later) });
    expect(judged(seen(0), seen(0)).bad).toEqual([]);
    expect(judged(seen(400), seen(0)).bad).toEqual(["reach fail"]);
  });

  test.each([
    ["moderate", 0.4, { probe: 20, varies: 0.3, more: 20 }, { good: 0.95, slow: 0.02 }],
    ["heavy", 0.7, { probe: 28, varies: 0.5, more: 20 }, { good: 0.1, slow: 0.01 }],
    ["very heavy", 0.85, { probe: 70, varies: 0.8, more: 20 }, { good: 0, slow: 0.01 }],
  ])("of many trials under a %s load few are wrong", (_, waited, { probe, varies, more }, { good, slow }) => {
    const random = randomNumbers();
    const share = (later: number, verdict: string) => {
      const verdicts = Array.from({ length: 500 }, () => {
        const load = Array.from({ length: 20 }, () => probe * Math.exp(0.6 * random()));
        const seen = (late: number) => ({
          ...traffic(500, { waited }),
          rounds: load.map((time) => time * Math.exp(varies * random()) + late),
        });
        return judged(seen(later), seen(0)).findings.find(({ check }) => check === "reach")?.verdict;
      });
      return verdicts.filter((one) => one === verdict).length / verdicts.length;
    };
    expect(share(0, "fail")).toBeLessThan(0.01);
    expect(share(0, "pass")).toBeGreaterThanOrEqual(good);
    expect(share(more, "pass")).toBeLessThan(slow);
  });

  test("latency within the factor, but certainly above it without the load, is inconclusive", () => {
    const slowed = (requests: number, seconds: number, waited: number) => ({
      ...traffic(requests, { waited }),
      durations: new Map([
        [seconds - 0.005, 0],
        [seconds, requests],
      ]),
    });
    const at = (waited: number) => judged(slowed(500, 0.13, waited), slowed(5000, 0.1, waited));
    const { bad, findings } = at(0.7);
    expect(bad).toEqual(["latency inconclusive"]);
    expect(findings.find(({ check }) => check === "latency")?.detail).toMatch(
      /their node was busy: .* 70\.0 % of the time$/,
    );
    expect(at(0.1).bad).toEqual([]);
  });
});

describe("throttling", () => {
  const throttled = (share: number | null, stable: number | null = 0, z?: number) =>
    judged(traffic(500, { throttled: share }), traffic(5000, { throttled: stable }), z);

  test("fails a throttled canary under any load, unless the stable pods are throttled as well", () => {
    expect(throttled(0.04).bad).toEqual([]);
    expect(throttled(0.06).bad).toEqual(["throttling inconclusive"]);
    expect(throttled(0.4, 0.4).bad).toEqual([]);
    expect(throttled(0.4, 0.1).bad).toEqual(["throttling fail"]);
  });

  test("ignores pauses below the latency floor", () => {
    const short = { ...traffic(500), cpu: new Map(throttledIn(200, 0.004)) };
    expect(judged(short, traffic(5000)).bad).toEqual([]);
  });

  test("stable pods without a limit are never throttled", () => {
    const unlimited = {
      ...traffic(5000),
      cpu: new Map<CpuCount, number>([
        ["periods", 0],
        ["throttled", 0],
      ]),
    };
    expect(judged(traffic(500, { throttled: 0.15 }), unlimited).bad).toEqual(["throttling fail"]);
    expect(judged(traffic(500), unlimited).bad).toEqual([]);
  });

  test("is not compared if a pod does not report it, as in earlier releases", () => {
    for (const [canary, stable] of [
      [0.5, null],
      [null, 0],
      [null, null],
    ] as const)
      expect(throttled(canary, stable).bad).toEqual([]);
  });

  test("a pod that is still compiling its code does not end the trial early", () => {
    const first = { rounds: 1, throttled: 0.5 };
    expect(judged(traffic(500, first), traffic(5000, { rounds: 1 }), EARLY).bad).toContain("throttling inconclusive");
    expect(judged(traffic(500, { rounds: 12, throttled: 0.5 }), traffic(5000), EARLY).bad).toContain("throttling fail");
  });
});

test("describes each comparison in one line", () => {
  const { findings } = judged(traffic(500, { failed: 50, positives: 0.6 }), traffic(5000));
  expect(findings.map(({ detail }) => detail)).toEqual([
    "canary 500 requests, stable 5000",
    "5xx canary 10.0 %, stable 0.0 %, 2.0 % more allowed",
    "4xx canary 0.0 %, stable 0.0 %, 2.0 % more allowed",
    "p95 canary 9.8 ms, stable 9.8 ms, 14.6 ms allowed",
    "canary 0.0 ms slower from outside (median of 30 pairs of rounds; 0.0 to 0.0 ms), stable 5.9 ms, 5.0 ms more allowed",
    "CPU throttled in 0.0 % of its periods, stable 0.0 %, 5.0 % more allowed",
    "class 1 canary 60.0 %, stable 30.0 %, 10.0 % apart allowed",
  ]);
});
