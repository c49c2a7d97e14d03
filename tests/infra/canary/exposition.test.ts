import { expect, test } from "vitest";
import { parseExposition } from "../../../infra/targets/kubernetes/canary/exposition.ts";
import { since, toTraffic } from "../../../infra/targets/kubernetes/canary/traffic.ts";
import { createApp } from "../../../service/app.ts";
import { openPredictor } from "../../../service/predictor/predictor.ts";
import { testModel } from "../../service/helpers/test-model.ts";

// https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-example
const FORMAT = String.raw`# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9
metric_without_timestamp_and_labels 12.47

something_weird{problem="division by zero, or } in it"} +Inf -3982045
empty_labels{} NaN
`;

test("reads the example in the format's documentation", () => {
  expect(parseExposition(FORMAT)).toEqual([
    { name: "http_requests_total", labels: { method: "post", code: "200" }, value: 1027 },
    {
      name: "msdos_file_access_time_seconds",
      labels: { path: "C:\\DIR\\FILE.TXT", error: 'Cannot find file:\n"FILE.TXT"' },
      value: 1.458255915e9,
    },
    { name: "metric_without_timestamp_and_labels", labels: {}, value: 12.47 },
    { name: "something_weird", labels: { problem: "division by zero, or } in it" }, value: Infinity },
    { name: "empty_labels", labels: {}, value: Number.NaN },
  ]);
});

test("reads everything that the service exports, before and after its first request", async () => {
  await using files = await testModel();
  const predictor = await openPredictor(files.folder);
  const model = { name: "churn-model", version: "1", stage: "Staging", sha256: "a".repeat(64) };
  const app = createApp({ predictor, model, limits: { maxRows: 10, maxBodyBytes: 1000 } });
  const read = async () => toTraffic(parseExposition(await (await app.request("/metrics")).text()));
  expect(await read()).toMatchObject({ requests: 0, failed: 0, refused: 0 });
  const headers = { "content-type": "application/json" };
  const ask = (body: string) => app.request("/predict", { method: "POST", headers, body });
  await ask('{"features": [[1, 0, 1], [-1, 0, -1]]}');
  await ask('{"features": "none"}');
  const { requests, failed, refused, durations, predictions } = await read();
  expect({ requests, failed, refused }).toEqual({ requests: 2, failed: 0, refused: 1 });
  expect([...durations.values()].reduce((sum, count) => sum + count, 0)).toBe(2);
  expect(predictions).toEqual(
    new Map([
      ["0", 1],
      ["1", 1],
    ]),
  );
  predictor.close();
});

test.each(["nan", "Nan", "+inf", "-Inf"])("reads %s as a number, as Prometheus does", (number) => {
  expect(parseExposition(`name ${number}`)[0]?.value).toBe(
    number.toLowerCase() === "nan" ? Number.NaN : Number(`${number.startsWith("-") ? "-" : ""}Infinity`),
  );
});

test.each(["<html>", "name", "name{a=b} 1", 'name{a="b} 1', "name one"])("names an invalid line: %s", (line) => {
  expect(() => parseExposition(line)).toThrow(`not a line of the Prometheus text format: ${line}`);
});

const metrics = (ok: number, failed: number) => `
inference_requests_total{route="/predict",status="200"} ${ok - 5}
inference_requests_total{route="/v2/infer",status="200"} 5
inference_requests_total{route="/predict",status="422"} 3
inference_requests_total{route="/predict",status="500"} ${failed}
inference_request_duration_seconds_bucket{le="0.001",route="/predict"} 3
inference_request_duration_seconds_bucket{le="0.001",route="/v2/infer"} 2
inference_request_duration_seconds_bucket{le="0.01",route="/predict"} ${ok - 3}
inference_request_duration_seconds_bucket{le="0.01",route="/v2/infer"} 3
inference_request_duration_seconds_bucket{le="+Inf",route="/predict"} ${ok + failed}
inference_request_duration_seconds_bucket{le="+Inf",route="/v2/infer"} 3
inference_predictions_total{class="0"} ${ok}
inference_predictions_total{class="1"} 4
process_cpu_seconds_total 12.5
`;
const read = (ok: number, failed: number) => toTraffic(parseExposition(metrics(ok, failed)));

test("counts only requests, on all routes", () => {
  expect(read(20, 2)).toEqual({
    requests: 25,
    failed: 2,
    refused: 3,
    durations: new Map([
      [0.001, 5],
      [0.01, 15],
      [Infinity, 5],
    ]),
    predictions: new Map([
      ["0", 20],
      ["1", 4],
    ]),
    cpu: new Map(),
  });
});

test("subtracts the counts at the start; a restarted pod counts from zero", () => {
  const { requests, failed, predictions } = since(read(20, 2), read(50, 3));
  expect([requests, failed, predictions.get("0"), predictions.get("1")]).toEqual([31, 1, 30, 0]);
  expect(since(read(50, 3), read(7, 0)).requests).toBe(10);
});
