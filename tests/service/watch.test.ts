import { expect, test } from "vitest";
import { binningOf } from "../../data/drift/binning.ts";
import { addCounts, Counter } from "../../service/watch/counts.ts";
import type { summarise } from "../../service/watch/summary.ts";
import { testApp } from "./helpers/test-app.ts";

test("adds up counts of several processes", () => {
  const counters = [new Counter(), new Counter()];
  for (const [index, counter] of counters.entries()) {
    counter.begin();
    counter.end("/predict", 200, 3);
    counter.begin();
    counter.countRun(3, { kind: "classes", classes: [0, 1], named: 2, codes: Int32Array.of(0, 1, index) });
  }
  const sum = addCounts(counters.map((counter) => counter.counts(0)));
  expect(sum.requests).toEqual({ "/predict 200": 2 });
  expect(sum.classes).toEqual({ 0: 3, 1: 3 });
  expect(sum.inFlight).toBe(2);
  expect(sum.latency["/predict"]?.counts.indexOf(2)).toBe(3); // up to 5 ms
  expect(sum.batchRows.sum).toBe(6);
});

test("classes may be named like properties of every object", () => {
  const classes = ["constructor", "__proto__", "toString"];
  const counters = [new Counter(), new Counter()];
  for (const counter of counters)
    counter.countRun(4, { kind: "classes", classes, named: classes.length, codes: Int32Array.of(0, 1, 2, 0) });
  const counted = addCounts(counters.map((counter) => counter.counts(0)));
  expect(Object.entries(counted.classes)).toEqual([
    ["constructor", 4],
    ["__proto__", 2],
    ["toString", 2],
  ]);
});

test("/metrics and /watch report requests, but no feature values", async () => {
  const { app, ask, predict } = await testApp({ more: { reference: undefined } });
  await predict({
    features: [
      [1, 2, 3],
      [-9, 0.5, 4711.25],
    ],
  });
  await predict({ features: [[1, 2]] });
  await ask("/invocations", { inputs: [[1, 2, 3]] });
  const response = await app.request("/metrics");
  expect(response.headers.get("content-type")).toContain("text/plain");
  const text = await response.text();
  for (const line of [
    'inference_model_info{model="churn-model",version="3",stage="Staging",sha256="',
    'inference_requests_total{route="/predict",status="200"} 1',
    'inference_requests_total{route="/predict",status="422"} 1',
    'inference_predictions_total{class="1"} ',
    'inference_request_duration_seconds_bucket{le="+Inf",route="/predict"} 2',
    'inference_request_duration_seconds_count{route="/invocations"} 1',
    'inference_batch_rows_bucket{le="2"} 2',
    "inference_requests_in_flight 0",
    "process_resident_memory_bytes ",
  ])
    expect(text).toContain(line);
  const watch = await (await app.request("/watch")).text();
  for (const published of [text, watch]) expect(published).not.toContain("4711");
  const watched = JSON.parse(watch) as ReturnType<typeof summarise>;
  expect(watched.requests).toEqual({ "/predict 200": 1, "/predict 422": 1, "/invocations 200": 1 });
  expect(watched.latency.counts.reduce((sum, count) => sum + count, 0)).toBe(3);
});

test("answers probes like other requests, and counts them separately: not in latency, predictions or drift", async () => {
  const access = { tokens: ["t".repeat(16)], origins: [], requestsPerSecond: 0 };
  const binning = binningOf(
    { name: "a", edges: [0], shares: [0.5, 0.5] },
    { name: "a", type: "float32", nullable: false },
  );
  if (!binning) throw new Error("no bins");
  const reference = ["a", "b", "c"].map((name, fieldIndex) => ({
    name,
    fieldIndex,
    binning,
  }));
  const { app, ask } = await testApp({ more: { access, reference } });
  const caller = { authorization: `Bearer ${access.tokens[0]}` };
  const probe = { ...caller, "x-inference-probe": "deployment-check" };
  const body = { features: [[1, 2, 3]] };
  const [ofCaller, ofProbe] = [await ask("/predict", body, caller), await ask("/predict", body, probe)];
  expect(await ofProbe.json()).toEqual(await ofCaller.json());
  expect((await ask("/predict", { features: [[1]] }, probe)).status).toBe(422);
  expect((await ask("/v2/models/churn-model/infer", {}, probe)).status).toBe(422);
  const text = await (await app.request("/metrics")).text();
  for (const line of [
    'inference_requests_total{route="/predict",status="200"} 1\n',
    'inference_probe_requests_total{route="/predict",status="200"} 1\n',
    'inference_probe_requests_total{route="/predict",status="422"} 1\n',
    'inference_probe_requests_total{route="/v2/infer",status="422"} 1\n',
    'inference_predictions_total{class="1"} 1\n',
    'inference_request_duration_seconds_count{route="/predict"} 1\n',
    "inference_batch_rows_count 1\n",
    "inference_drift_window_rows 1\n",
    "inference_requests_in_flight 0\n",
  ])
    expect(text).toContain(line);
  expect(text).not.toMatch(/inference_requests_total\{[^}]*(422|v2)/);
  const watched = (await (await app.request("/watch")).json()) as ReturnType<typeof summarise>;
  expect(watched.requests).toEqual({ "/predict 200": 1 });
});

test("counts a probe without a token as rejected, so that the header hides no guessing", async () => {
  const access = { tokens: ["t".repeat(16)], origins: [], requestsPerSecond: 0 };
  const { app, ask } = await testApp({ more: { access } });
  const wrong = { authorization: "Bearer guess", "x-inference-probe": "1" };
  expect((await ask("/predict", { features: [[1, 2, 3]] }, wrong)).status).toBe(401);
  const text = await (await app.request("/metrics")).text();
  expect(text).toContain('inference_requests_total{route="/predict",status="401"} 1\n');
  expect(text).not.toContain("inference_probe_requests_total{");
});
