import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { getModelVersion } from "../../registry/model-versions.ts";
import { Access } from "../../service/http/access.ts";
import type { Head } from "../../service/http/reply.ts";
import { requestId } from "../../service/http/request-id.ts";
import { judge } from "../../training/gate/judge.ts";
import { CHURN } from "../fixtures/training/recorded.ts";
import { json, serve } from "../helpers/http-server.ts";
import { failedStart, startService } from "../service/helpers/service-process.ts";
import { testApp } from "../service/helpers/test-app.ts";
import { mlmodelOf, testModel } from "../service/helpers/test-model.ts";

const COLUMNS = ["age", "balance", "visits"];
const named = { ...mlmodelOf(3), metadata: { columns: COLUMNS } };
const clean = () => {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(Object.getPrototypeOf({})).toBe(Object.prototype);
};

const POLLUTED = [
  '{"__proto__":{"polluted":1},"features":[[1,2,3]]}',
  '{"constructor":{"prototype":{"polluted":1}},"features":[[1,2,3]]}',
  '{"features":{"__proto__":[[1,2,3]]}}',
  '{"instances":[{"__proto__":{"polluted":1},"age":1,"balance":2,"visits":3}]}',
  '{"instances":[{"age":1,"balance":2,"constructor":3}]}',
  '{"instances":[{"__proto__":{"age":1,"balance":2,"visits":3}}]}',
  '{"inputs":{"__proto__":[1],"age":[1],"balance":[2],"visits":[3]}}',
  '{"inputs":{"toString":[1],"hasOwnProperty":[2],"constructor":[3]}}',
  '{"dataframe_split":{"columns":["__proto__","age","balance"],"data":[[1,2,3]]}}',
  '{"dataframe_split":{"__proto__":{"data":[[1,2,3]]}}}',
  '{"dataframe_records":[{"__proto__":1,"age":1,"balance":2,"visits":3}]}',
  '{"params":{"__proto__":{"polluted":1}},"features":[[1,2,3]]}',
  '{"inputs":[{"__proto__":{"name":"X","shape":[1,3],"datatype":"FP32","data":[1,2,3]}}]}',
  '{"inputs":[{"name":"__proto__","shape":[1],"datatype":"FP32","data":[1]},{"name":"age","shape":[1],"datatype":"FP32","data":[1]},{"name":"visits","shape":[1],"datatype":"FP32","data":[1]}]}',
  '{"inputs":[{"name":"X","shape":[1,3],"datatype":"FP32","data":[1,2,3]}],"outputs":[{"name":"__proto__"}]}',
];
/** Whether its columns are a prototype's, and no columns at all. */
const isInherited = (body: string) => body.includes('"__proto__":{"age"');
/** Rows with all of the model's columns and one more, which all but the Open Inference Protocol pass over. */
const isPassedOver = (path: string, body: string) =>
  !path.startsWith("/v2/") && /"age":.*"visits":/.test(body) && body.includes('"__proto__":');
test.each(POLLUTED)("prototype pollution: %s is refused or passed over, and changes nothing", async (body) => {
  const { post } = await testApp({ model: { mlmodel: named } });
  const headers = { "content-type": "application/json" };
  for (const path of ["/predict", "/invocations", "/v2/models/churn-model/infer"])
    expect((await post(body, headers, path)).status, path).toBe(
      isPassedOver(path, body) && !isInherited(body) ? 200 : 422,
    );
  clean();
  expect((await post('{"features":[[1,2,3]]}')).status).toBe(200);
});

test("prototype pollution: model files, names of columns and tags of the registry change nothing", async () => {
  const names = ["__proto__", "constructor", "toString"];
  const mlmodel = `{"__proto__":{"polluted":1},${JSON.stringify({ ...named, metadata: { columns: names } }).slice(1)}`;
  const { ask } = await testApp({ model: { mlmodel } });
  clean();
  const row = JSON.parse('{"__proto__":1,"constructor":2,"toString":3}');
  expect((await ask("/predict", { instances: [row] })).status).toBe(200);
  // Inherited members are no columns.
  expect((await ask("/predict", { instances: [{}] })).status).toBe(422);
  await using registry = await serve((_, response) =>
    json(response, {
      model_version: { name: "m", version: "1", source: "s", tags: names.map((key) => ({ key, value: "polluted" })) },
    }),
  );
  const { tags } = await getModelVersion(new MlflowClient({ trackingUri: registry.url }), "m", "1");
  expect(Object.entries(tags)).toEqual(names.map((key) => [key, "polluted"]));
  clean();
});

const NO_HEADERS: Head = {
  host: undefined,
  origin: undefined,
  authorization: undefined,
  requestId: undefined,
  traceparent: undefined,
  contentType: undefined,
  contentEncoding: undefined,
  contentLength: undefined,
  isProbe: false,
};

const ATTACKS = [
  "x\u001b[2J",
  "x\nlevel=error forged",
  "x\r\nset-cookie: a=b",
  "x\u2028y",
  '"},{"level":"error"',
  "a".repeat(500),
];

test("log injection: a request id from outside is taken only when it is plain", () => {
  for (const id of [...ATTACKS, "", "a b", "\u009b31m", "ä"]) {
    const taken = requestId({ ...NO_HEADERS, requestId: id });
    expect(taken).not.toBe(id);
    expect(taken).toMatch(/^[0-9a-z-]+$/);
  }
});

test("log injection: whatever stands in path, method, headers and body, a log line is one line of JSON", async () => {
  await using model = await testModel();
  await using service = await startService({ MODEL_URI: model.folder, LOG_LEVEL: "debug" });
  let log = "";
  service.child.stderr?.on("data", (chunk) => {
    log += chunk;
  });
  const { port } = new URL(service.url);
  const answers: string[] = [];
  /** Bytes as they are: a client library would refuse to send them. */
  const raw = async (head: string, body = "{}") => {
    const socket = connect(Number(port), "127.0.0.1");
    socket.on("data", (chunk) => answers.push(chunk.toString("latin1"))).on("error", () => {});
    const text = `${head}\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    socket.end(Buffer.from(text, "latin1"));
    await once(socket, "close");
  };
  for (const evil of ["\u001b[31mforged", "%0d%0aforged: 1", "\u009b31mforged", "forged\u0085", "forged%1b%5b2J"]) {
    await raw(`POST /predict HTTP/1.1\r\nX-Request-Id: ${evil}`);
    await raw(`POST /predict HTTP/1.1\r\nTraceparent: 00-${evil}`);
    await raw(`POST /predict HTTP/1.1\r\nAuthorization: ${evil}\r\nOrigin: ${evil}`);
    await raw(`POST /${evil} HTTP/1.1`);
    await raw(`${evil.replaceAll(" ", "")} /predict HTTP/1.1`);
    await raw("POST /predict HTTP/1.1", `{"${evil}":1}`);
    await raw(`POST /predict HTTP/1.1\r\nX-Request-Id: a\n{"level":"error","message":"forged"}`);
  }
  const headers = { "content-type": "application/json", "x-request-id": "plain-id" };
  await fetch(`${service.url}/predict`, { method: "POST", headers, body: "{}" });
  while (!log.includes("plain-id")) await new Promise((done) => setTimeout(done, 20));
  const lines = log.trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) {
    expect(JSON.parse(line)).toMatchObject({ level: "debug", message: "request" });
    expect(line).not.toContain("forged");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  }
  // Nothing sent in comes back as a header of the answer. Each was answered, by the service or by Node's parser.
  expect(answers.join("").match(/HTTP\/1\.1 4\d\d /g)).toHaveLength(5 * 7);
  for (const answer of answers)
    for (const evil of ["forged", "\u001b", "\u009b"]) expect(answer.split("\r\n\r\n")[0]).not.toContain(evil);
});

test("log injection: what a registry says when it refuses is one printable line, wherever it is shown", async () => {
  const message = "no\r\n\u001b[2Kservice listens\u009b1m\u2028\u202e";
  await using registry = await serve((_, response) => json(response, { error_code: "INTERNAL", message }, 400));
  const client = new MlflowClient({ trackingUri: registry.url });
  const error = await client.call("GET", "mlflow/x").catch((refused: Error) => refused.message);
  const shown = "no\\u000d\\u000a\\u001b[2Kservice listens\\u009b1m\\u2028\\u202e";
  expect(error).toBe(`MLflow at ${registry.url} refused GET mlflow/x: HTTP 400 INTERNAL ${shown}`);
  const { code, stderr } = await failedStart({ MODEL_URI: "models:/m/1", MLFLOW_TRACKING_URI: registry.url });
  expect(code).toBe(1);
  expect(stderr.trimEnd()).toContain(shown);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  const env = { ...process.env, MLFLOW_TRACKING_URI: registry.url };
  const history = promisify(execFile)(process.execPath, ["deploy/history.ts"], { env });
  await expect(history).rejects.toMatchObject({ stderr: expect.stringContaining(shown) });
});

test("log injection: names in a model's files, shown by the gate and by a service that does not start", async () => {
  const evil = "\u001b[2K\nverdict: passed";
  const shown = "x\\u001b[2K\\u000averdict: passed";
  await using model = await testModel({ mlmodel: { ...mlmodelOf(3), flavors: { onnx: { data: `x${evil}` } } } });
  const { stderr } = await failedStart({ MODEL_URI: model.folder });
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(stderr).not.toContain("\u001b");
  expect(stderr).toContain(shown);
  await using registry = await serve(async ({ path }, response) => {
    const { pathname, searchParams } = new URL(path, "http://registry");
    const source = "mlflow-artifacts:/1/r/artifacts/model";
    if (pathname.endsWith("/model-versions/get"))
      return json(response, { model_version: { name: "m", version: "1", run_id: "r", source } });
    if (searchParams.has("path")) return json(response, { files: [{ path: "MLmodel", is_dir: false }] });
    response.end(await readFile(join(model.folder, "MLmodel")));
  });
  const task = { modelName: "m", version: "1", evaluationData: `${CHURN}/evaluation.csv` };
  const report = await judge(new MlflowClient({ trackingUri: registry.url }), {
    ...task,
    policy: { accuracy: { min: 0.5 } },
  });
  expect(report.verdict).toBe("failed");
  for (const text of [report.summary, ...report.checks.map(({ detail }) => detail)]) {
    expect(text).toContain(shown);
    for (const evil of ["\u001b", "\n"]) expect(text).not.toContain(evil);
  }
});

test("token timing: tokens are compared by digests of one length, all of them, and by nothing else", () => {
  const crypto = process.getBuiltinModule("node:crypto");
  const compared: number[] = [];
  const original = crypto.timingSafeEqual;
  crypto.timingSafeEqual = (a, b) => {
    compared.push(a.byteLength, b.byteLength);
    return original(a, b);
  };
  process.getBuiltinModule("node:module").syncBuiltinESMExports();
  try {
    const tokens = ["first-token-of-a-test", "second-token-of-a-test", "third-token-of-a-test"];
    const access = new Access({ tokens, origins: [], requestsPerSecond: 0 });
    const check = (token: string) => access.check({ ...NO_HEADERS, authorization: `Bearer ${token}` }, "");
    for (const token of ["x", "first-token-of-a-tesT", "y".repeat(10_000)]) expect(() => check(token)).toThrow("token");
    for (const token of tokens) check(token);
  } finally {
    crypto.timingSafeEqual = original;
    process.getBuiltinModule("node:module").syncBuiltinESMExports();
  }
  // Six calls, three comparisons each, whichever token was right.
  expect(compared).toEqual(new Array(6 * 3 * 2).fill(32));
});

test("token timing: a token that is right but for its end takes no longer than one that is all wrong", () => {
  const token = "t".repeat(4_000);
  const access = new Access({ tokens: [token], origins: [], requestsPerSecond: 0 });
  const time = (given: string) => {
    const head = { ...NO_HEADERS, authorization: `Bearer ${given}` };
    const start = performance.now();
    for (let count = 0; count < 500; count++)
      try {
        access.check(head, "");
      } catch {
        // refused, as it must be
      }
    return performance.now() - start;
  };
  const near = `${token.slice(0, -1)}x`;
  const far = "x".repeat(token.length);
  const rounds = Array.from({ length: 25 }, (_, round) =>
    round % 2 ? [time(near), time(far)] : [time(far), time(near)].reverse(),
  );
  // The quickest rounds: what others do on the machine only adds. A comparison that ends at the first difference takes three to seven times as long.
  const ratio = Math.min(...rounds.map(([a = 0]) => a)) / Math.min(...rounds.map(([, b = 0]) => b));
  expect(ratio).toBeGreaterThan(0.67);
  expect(ratio).toBeLessThan(1.5);
});
