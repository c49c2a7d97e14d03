import { expect, test } from "vitest";
import {
  describeProofs,
  type Expectation,
  judgeDeployment,
  type Observation,
  percentile,
} from "../../infra/deployment-check/proofs.ts";
import type { SampledAnswer } from "../../infra/deployment-check/sampled-answers.ts";

const SAMPLES = [
  { label: 1, positive: 0.75 },
  { label: 0, positive: 0.25 },
];
const asSamples = (answers: readonly SampledAnswer[]) => answers.map((answer) => ({ answer }));
const EXPECTED: Expectation = {
  version: "3",
  sha256: "a".repeat(64),
  stage: "Staging",
  samples: asSamples(SAMPLES),
  maxLatencyMs: 50,
};
const GOOD: Observation = {
  ready: true,
  health: { version: "3", sha256: "a".repeat(64), stage: "Staging" },
  answers: SAMPLES,
  alone: SAMPLES,
  malformed: { status: 422, contentType: "application/problem+json; charset=utf-8" },
  latenciesMs: [1, 2, 3],
};

const failures = (seen: Partial<Observation>, expected: Partial<Expectation> = {}) =>
  judgeDeployment({ ...GOOD, ...seen }, { ...EXPECTED, ...expected })
    .filter(({ passed }) => !passed)
    .map(({ proof, detail }) => `${proof}: ${detail}`);

test("passes a good deployment, with one line per proof", () => {
  const proofs = judgeDeployment(GOOD, EXPECTED);
  expect(proofs.map(({ proof }) => proof)).toEqual(["starts", "loads", "serves", "schema", "environment", "latency"]);
  expect(failures({})).toEqual([]);
  expect(proofs[5]?.detail).toBe("p95 3.0 ms <= 50 ms allowed");
});

const HEALTH = { version: "3", sha256: "a".repeat(64), stage: "Staging" };
const [A, B] = ["a".repeat(64), "b".repeat(64)];
const OTHERWISE = "of 2 rows differently from the gate's predictor";

test.each<[string, Partial<Observation>, string]>([
  ["does not start", { ready: "no answer" }, "starts: no answer"],
  [
    "serves another version",
    { health: { ...HEALTH, version: "2" } },
    `loads: serves version 2 (sha256 ${A}), but version 3 (sha256 ${A}) was approved`,
  ],
  [
    "serves other files",
    { health: { ...HEALTH, sha256: B } },
    `loads: serves version 3 (sha256 ${B}), but version 3 (sha256 ${A}) was approved`,
  ],
  ["does not predict", { answers: "/predict answered 500" }, "serves: /predict answered 500"],
  [
    "answers otherwise when a row is alone",
    { alone: [{ label: 0, positive: 0.25 }, ...SAMPLES.slice(1)] },
    `serves: asked for one row at a time, /predict answers 1 ${OTHERWISE}: the model's prediction for a row depends on the rows beside it`,
  ],
  ["answers too few rows", { answers: SAMPLES.slice(1) }, "serves: 1 answers to 2 rows"],
  [
    "answers another label",
    { answers: [{ label: 0, positive: 0.75 }, ...SAMPLES.slice(1)] },
    `serves: /predict answers 1 ${OTHERWISE}`,
  ],
  [
    "answers another probability",
    { answers: SAMPLES.map(({ label, positive }) => ({ label, positive: positive + 2e-6 })) },
    `serves: /predict answers 2 ${OTHERWISE}`,
  ],
  [
    "answers no probability",
    { answers: SAMPLES.map(({ label }) => ({ label, positive: null })) },
    `serves: /predict answers 2 ${OTHERWISE}`,
  ],
  [
    "answers NaN",
    { answers: SAMPLES.map(({ label }) => ({ label, positive: Number.NaN })) },
    `serves: /predict answers 2 ${OTHERWISE}`,
  ],
  [
    "takes a row of the wrong length",
    { malformed: { status: 200, contentType: "application/json" } },
    "schema: a row of the wrong length was answered with 200 application/json",
  ],
  [
    "breaks on a row of the wrong length",
    { malformed: { status: 500, contentType: "application/problem+json" } },
    "schema: a row of the wrong length was answered with 500 application/problem+json",
  ],
  [
    "refuses a row of the wrong length with a page",
    { malformed: { status: 422, contentType: "text/html" } },
    "schema: a row of the wrong length was answered with 422 text/html",
  ],
  [
    "calls itself otherwise",
    { health: { ...HEALTH, stage: "Production" } },
    "environment: stage is Production, but must be Staging",
  ],
  ["is slow", { latenciesMs: [1, 50.1] }, "latency: p95 50.1 ms > 50 ms allowed"],
  ["could not be timed", { latenciesMs: [] }, "latency: p95 NaN ms > 50 ms allowed"],
])("a deployment that %s fails in that alone", (_name, seen, failure) => {
  expect(failures(seen)).toEqual([failure]);
});

test("fails every check that could not be made, with the reason", () => {
  const nothing = {
    ready: "dead",
    health: "dead",
    answers: "dead",
    alone: "dead",
    malformed: "dead",
    latenciesMs: "dead",
  };
  expect(failures(nothing)).toEqual(
    ["starts", "loads", "serves", "schema", "environment", "latency"].map((proof) => `${proof}: dead`),
  );
});

test("joins checks that fail for the same reason in one line", () => {
  const gone = "http://churn.example/ready did not answer 200 within 15 s";
  const nothing = { ready: gone, health: gone, answers: gone, alone: gone, malformed: gone, latenciesMs: gone };
  expect(describeProofs(judgeDeployment(nothing, EXPECTED))).toEqual([
    `starts, loads, serves, schema, environment, latency: ${gone}`,
  ]);
  const broken = judgeDeployment({ ...GOOD, health: "/health answered 502", latenciesMs: [90] }, EXPECTED);
  expect(describeProofs(broken.filter(({ passed }) => !passed))).toEqual([
    "loads, environment: /health answered 502",
    "latency: p95 90.0 ms > 50 ms allowed",
  ]);
});

test("a gate report without samples proves nothing", () => {
  expect(failures({ answers: [] }, { samples: [] })).toEqual([
    "serves: the gate's report has no samples to compare with",
  ]);
});

test("tolerates a difference in the last bit of a float32", () => {
  expect(failures({ answers: SAMPLES.map(({ label, positive }) => ({ label, positive: positive + 6e-8 })) })).toEqual(
    [],
  );
});

test("accepts a gate report of a model without probabilities", () => {
  const bare = SAMPLES.map(({ label }) => ({ label, positive: null }));
  expect(failures({ answers: bare, alone: bare }, { samples: asSamples(bare) })).toEqual([]);
});

test("computes the nearest-rank percentile of unsorted values", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(hundred, 0.95)).toBe(95);
  expect(percentile([10, 9, 1], 0.95)).toBe(10);
  expect(percentile([7], 0.95)).toBe(7);
  expect(percentile([2, 1], 0)).toBe(1);
  expect(percentile([], 0.95)).toBeNaN();
});
