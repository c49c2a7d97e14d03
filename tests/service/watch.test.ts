import { expect, test } from "vitest";
import { addCounts, Counter } from "../../service/watch/counts.ts";
import type { summarise } from "../../service/watch/summary.ts";
import { testApp } from "./helpers/test-app.ts";

test("counts of several processes add up", () => {
  const counters = [new Counter(), new Counter()];
  for (const [index, counter] of counters.entries()) {
    counter.begin();
    counter.end("/predict", 200, 3);
    counter.begin();
    counter.ran(3, { labels: [0, 1, index], classes: 0 });
  }
  const sum = addCounts(counters.map((counter) => counter.counts(0)));
  expect(sum.requests).toEqual({ "/predict 200": 2 });
  expect(sum.classes).toEqual({ 0: 3, 1: 3 });
  expect(sum.inFlight).toBe(2);
  expect(sum.latency["/predict"]?.counts.indexOf(2)).toBe(3); // up to 5 ms
  expect(sum.batchRows.sum).toBe(6);
});

test("classes may be called as what every object has", () => {
  const labels = ["constructor", "__proto__", "toString", "constructor"];
  const counters = [new Counter(), new Counter()];
  for (const counter of counters) counter.ran(4, { labels, classes: 0 });
  const { classes } = addCounts(counters.map((counter) => counter.counts(0)));
  expect(Object.entries(classes)).toEqual([
    ["constructor", 4],
    ["__proto__", 2],
    ["toString", 2],
  ]);
});

test("/metrics and /watch tell what was asked, and no feature value", async () => {
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
  expect(text).not.toContain("4711");
  const watched = (await (await app.request("/watch")).json()) as ReturnType<typeof summarise>;
  expect(watched.requests).toEqual({ "/predict 200": 1, "/predict 422": 1, "/invocations 200": 1 });
  expect(watched.latency.counts.reduce((sum, count) => sum + count, 0)).toBe(3);
});
