import { once } from "node:events";
import { appendFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { observe } from "../../infra/deployment-check/observe.ts";
import { digestFolder } from "../../registry/artifact-digest.ts";
import { uploadArtifact } from "../../registry/artifacts.ts";
import { gateTags } from "../../registry/evidence.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { createModelVersion, setVersionTags } from "../../registry/model-versions.ts";
import { createRun, getOrCreateExperiment, logBatch } from "../../registry/runs.ts";
import { HealthAnswer, PredictAnswer, Problem } from "../../service/contract.ts";
import type { summarise } from "../../service/watch/summary.ts";
import { startMlflow } from "../helpers/mlflow-server.ts";
import { loadUntilRefused } from "../service/helpers/load.ts";
import { failedStart, startService } from "../service/helpers/service-process.ts";
import { testModel } from "../service/helpers/test-model.ts";

const BODY = JSON.stringify({ features: [[1, 2, 3]] });
const predict = (url: string, init: RequestInit = {}) =>
  fetch(`${url}/predict`, { method: "POST", headers: { "content-type": "application/json" }, body: BODY, ...init });

/** A connection of its own, spoken by hand. */
async function rawConnection(url: string) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  let received = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    received += chunk;
  });
  const closed = once(socket, "close");
  const answer = async () => {
    while (!/\r\n\r\n.*\}/s.test(received)) await once(socket, "data");
    const text = received;
    received = "";
    return text;
  };
  return { write: (text: string) => socket.write(text), answer, closed };
}

test("serves a model's folder, over real HTTP", async () => {
  await using model = await testModel();
  const identity = { MODEL_NAME: "churn-model", MODEL_VERSION: "3", MODEL_STAGE: "Staging" };
  const sha256 = await digestFolder(model.folder);
  await using service = await startService({ MODEL_URI: model.folder, MODEL_SHA256: sha256, ...identity });
  // The target is 400 ms on a quiet machine; here others may be at work.
  expect(service.startMs).toBeLessThan(2000);
  const health = HealthAnswer.parse(await (await fetch(`${service.url}/health`)).json());
  expect(health).toEqual({ status: "ok", stage: "Staging", model: "churn-model", version: "3", sha256 });
  expect((await fetch(`${service.url}/ready`)).status).toBe(200);
  expect(PredictAnswer.parse(await (await predict(service.url)).json()).predictions).toEqual([1]);
});

test.each(["1", "2"])(
  "a deployment check leaves no trace in the counts of callers, with WORKERS=%s",
  async (WORKERS) => {
    await using model = await testModel();
    const columns = ["a", "b", "c"].map((name) => ({ name, edges: [0], shares: [0.5, 0.5] }));
    await using service = await startService({
      MODEL_URI: model.folder,
      WORKERS,
      DRIFT_REFERENCE: JSON.stringify(columns),
    });
    const samples = [-1, 0, 1].map((first) => ({ features: [first, 2, 3] }));
    const { malformed, latenciesMs } = await observe(service.url, samples);
    expect(malformed).toMatchObject({ status: 422 });
    expect(latenciesMs).toHaveLength(60);
    expect((await predict(service.url)).status).toBe(200);
    const watched = (await (await fetch(`${service.url}/watch`)).json()) as ReturnType<typeof summarise>;
    expect(watched.requests).toEqual({ "/predict 200": 1 });
    expect(watched.classes).toEqual({ 1: 1 });
    expect(watched.latency.counts.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(watched.drift?.rows).toBe(1);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    // All samples in one request, each in its own, and 70 that are timed.
    expect(metrics).toContain('inference_probe_requests_total{route="/predict",status="200"} 74\n');
    expect(metrics).toContain('inference_probe_requests_total{route="/predict",status="422"} 1\n');
  },
);

test("names in any letters come back whole, though answers are written as ASCII", async () => {
  const [name, id] = ["modèle 🦊", "ünïque\u2028"];
  await using model = await testModel();
  await using service = await startService({ MODEL_URI: model.folder, MODEL_NAME: name });
  const inputs = [{ name: "X", datatype: "FP32", shape: [1, 3], data: [1, 2, 3] }];
  const response = await fetch(`${service.url}/v2/models/${encodeURIComponent(name)}/infer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ id, inputs }),
  });
  const text = await response.text();
  expect(JSON.parse(text)).toMatchObject({ id, model_name: name });
  expect(Buffer.byteLength(text)).toBe(Number(response.headers.get("content-length")));
});

test.each(["main.ts", "start.mjs"])(
  "a service that is killed leaves what it has compiled to the next one: %s",
  async (file) => {
    await using model = await testModel();
    const cache = await mkdtemp(join(tmpdir(), "compiled-"));
    try {
      {
        await using service = await startService({ MODEL_URI: model.folder, NODE_COMPILE_CACHE: cache }, file);
        expect((await predict(service.url)).status).toBe(200);
        service.child.kill("SIGKILL");
        await service.exited;
      }
      const files = await readdir(cache, { recursive: true, withFileTypes: true });
      expect(files.filter((file) => file.isFile()).length).toBeGreaterThan(20);
    } finally {
      await rm(cache, { recursive: true });
    }
  },
);

test("answers too long bodies and bad Host headers with problems, on connections that live", async () => {
  await using model = await testModel();
  await using service = await startService({ MODEL_URI: model.folder, MAX_BODY_BYTES: "2000" });
  const long = BODY.padEnd(3_000_000);
  const saysSo = await predict(service.url, { body: long });
  const chunks = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(long));
      controller.close();
    },
  });
  const inChunks = await predict(service.url, { body: chunks, duplex: "half" } as RequestInit);
  for (const response of [saysSo, inChunks]) {
    expect(response.status).toBe(413);
    expect(Problem.parse(await response.json()).detail).toContain("2000 bytes");
  }
  const raw = await rawConnection(service.url);
  raw.write("GET /health HTTP/1.1\r\nHost: a b\r\n\r\n");
  expect(await raw.answer()).toMatch(/^HTTP\/1.1 400 .*application\/problem\+json/s);
  expect((await predict(service.url)).status).toBe(200);
});

test("loses no request when it is stopped under load", async () => {
  await using model = await testModel();
  await using service = await startService({ MODEL_URI: model.folder });
  const load = loadUntilRefused(`${service.url}/predict`, BODY, 32);
  await sleep(500);
  service.child.kill("SIGTERM");
  const { answered, lost } = await load;
  expect(lost).toEqual([]);
  expect(answered).toBeGreaterThan(100);
  expect(await service.exited).toBe(0);
});

test("while it stops: not ready, the request in flight is answered, idle connections are closed", async () => {
  await using model = await testModel();
  await using service = await startService({ MODEL_URI: model.folder });
  const slow = await rawConnection(service.url);
  const idle = await rawConnection(service.url);
  const prober = await rawConnection(service.url);
  const head = "Host: localhost\r\nContent-Type: application/json\r\n";
  slow.write(`POST /predict HTTP/1.1\r\n${head}Content-Length: ${BODY.length}\r\n\r\n${BODY.slice(0, 10)}`);
  idle.write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await idle.answer();
  service.child.kill("SIGTERM");
  await sleep(100);
  prober.write("GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n");
  expect(await prober.answer()).toMatch(/^HTTP\/1.1 503 .*connection: close/is);
  await expect(fetch(`${service.url}/ready`)).rejects.toThrow();
  service.child.kill("SIGINT"); // as Ctrl-C under npm: must not cut the request
  await idle.closed;
  slow.write(BODY.slice(10));
  expect(await slow.answer()).toMatch(/^HTTP\/1.1 200 .*"predictions":\[1\]/s);
  expect(await service.exited).toBe(0);
});

test("cuts a request that never ends after STOP_SECONDS", async () => {
  await using model = await testModel();
  await using service = await startService({ MODEL_URI: model.folder, STOP_SECONDS: "1" });
  const slow = await rawConnection(service.url);
  slow.write(
    "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
  );
  await sleep(50);
  const stoppedAt = performance.now();
  service.child.kill("SIGINT");
  await slow.closed;
  const cutMs = performance.now() - stoppedAt;
  expect(await service.exited).toBe(0);
  // Not before: it might have ended in time.
  expect(cutMs).toBeGreaterThan(950);
  expect(cutMs).toBeLessThan(5_000);
});

test("says in one line why it does not start", async () => {
  await using model = await testModel();
  await using first = await startService({ MODEL_URI: model.folder });
  const { port } = new URL(first.url);
  const approved = await digestFolder(model.folder);
  await appendFile(join(model.folder, "model.onnx"), "\n");
  const changed = await digestFolder(model.folder);
  for (const [env, message] of [
    [{ MODEL_URI: "no/such/folder" }, /no\/such\/folder, which is not a folder/],
    [{ MODEL_URI: model.folder, PORT: "x" }, /PORT is "x": must be a whole number/],
    [{ MODEL_URI: model.folder, MODEL_SHA256: approved }, new RegExp(`${changed}.*${approved}`)],
    [{ MODEL_URI: "models:/churn-model/1" }, /MLFLOW_TRACKING_URI is not set/],
    [{ MODEL_URI: "models:/churn-model/1", MLFLOW_TRACKING_URI: "http://127.0.0.1:9" }, /does not answer/],
  ] as const) {
    const { code, stderr } = await failedStart(env);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^service did not start: [^\n]+\n$/);
    expect(code).toBe(1);
  }
  await using other = await testModel();
  const { code, stderr } = await failedStart({ MODEL_URI: other.folder, PORT: port });
  expect(stderr).toBe(
    `service did not start: port ${port} on 127.0.0.1 is in use. Stop the process that listens there, or set PORT to another port (0: any free port)\n`,
  );
  expect(code).toBe(1);
});

test("serves a registered version by number, alias and stage, and goes on when MLflow is stopped", async () => {
  await using model = await testModel();
  const cache = await mkdtemp(join(tmpdir(), "model-cache-"));
  const mlflow = await startMlflow();
  try {
    const client = new MlflowClient({ trackingUri: mlflow.url });
    const run = await createRun(client, await getOrCreateExperiment(client, "service"), "test");
    for (const file of await readdir(model.folder))
      await uploadArtifact(client, run.artifactUri, `model/${file}`, await readFile(join(model.folder, file)));
    const name = "churn-model";
    const { version } = await createModelVersion(client, {
      name,
      source: `${run.artifactUri}/model`,
      runId: run.runId,
    });
    await client.call("POST", "mlflow/registered-models/alias", { body: { name, alias: "staging", version } });
    await client.call("POST", "mlflow/model-versions/transition-stage", {
      body: { name, version, stage: "Staging", archive_existing_versions: false },
    });
    const sha256 = await digestFolder(model.folder);
    const report = `${run.artifactUri}/gate/report-1.json`;
    const judged = { summary: "good enough", modelSha256: sha256, policySha256: "", evaluationMd5: "", report };
    const tags = gateTags({ verdict: "passed", ...judged, judgedAt: "2026-01-01T00:00:00Z" });
    await setVersionTags(client, { name, version }, tags);
    await logBatch(client, run.runId, { metrics: { "gate.accuracy": 0.8975, accuracy: 0.1 } });
    const env = { MLFLOW_TRACKING_URI: mlflow.url, MODEL_CACHE: cache };
    const uris = [`models:/${name}/1`, `models:/${name}@staging`, `models:/${name}/Staging`];
    await using stack = new AsyncDisposableStack();
    const services = await Promise.all(
      uris.map(async (uri) => stack.use(await startService({ MODEL_URI: uri, MODEL_SHA256: sha256, ...env }))),
    );
    expect((await readdir(cache)).toSorted()).toEqual([sha256, "known"].toSorted());
    const refused = await failedStart({ MODEL_URI: uris[1] ?? "", MODEL_VERSION: "2", ...env });
    expect(refused.stderr).toContain("MODEL_VERSION is 2, but models:/churn-model@staging is churn-model version 1");
    await mlflow.stop();
    services.push(stack.use(await startService({ MODEL_URI: `models:/${name}@staging`, ...env })));
    expect((await failedStart({ MODEL_URI: `models:/${name}@other`, ...env })).stderr).toContain("does not answer");
    for (const { url } of services) {
      const health = HealthAnswer.parse(await (await fetch(`${url}/health`)).json());
      expect(health).toEqual({ status: "ok", stage: "Staging", model: name, version: "1", sha256 });
      expect(PredictAnswer.parse(await (await predict(url)).json()).predictions).toEqual([1]);
      const page = await (await fetch(url)).text();
      for (const text of ["passed", "good enough", "<dt>accuracy</dt><dd>0.8975</dd>", `/runs/${run.runId}/artifacts/`])
        expect(page).toContain(text);
    }
  } finally {
    await mlflow.stop();
    await rm(cache, { recursive: true, force: true });
  }
});
