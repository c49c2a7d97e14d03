import { expect, test } from "vitest";
import { nodeRequest } from "./helpers/node-request.ts";
import { testApp } from "./helpers/test-app.ts";

const JSON_TYPE = { "content-type": "application/json" };
const OK = '{"features":[[1,2,3]]}';
const TOKEN = "a-token-of-enough-length";
const ORIGIN = "https://app.example";
const CALLER = { ...JSON_TYPE, authorization: `Bearer ${TOKEN}` };
const INFER = "/v2/models/churn-model/infer";
const TENSOR = '{"inputs":[{"name":"X","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}';

/** Requests that the Node path handles without Hono, and the response that both must give. */
const REQUESTS: [what: string, status: number, path: string, headers: Record<string, string>, body: string][] = [
  ["rows", 200, "/predict", CALLER, OK],
  ["rows for MLflow", 200, "/invocations", CALLER, OK],
  ["a tensor", 200, INFER, CALLER, TENSOR],
  ["a tensor for a version", 200, "/v2/models/churn-model/versions/3/infer", CALLER, TENSOR],
  ["an allowed origin", 200, "/predict", { ...CALLER, origin: ORIGIN }, OK],
  ["another origin", 403, "/predict", { ...CALLER, origin: "https://evil.example" }, OK],
  ["no token", 401, "/predict", JSON_TYPE, OK],
  ["a wrong token", 401, "/predict", { ...JSON_TYPE, authorization: "Bearer wrong" }, OK],
  ["another type", 415, "/predict", { ...CALLER, "content-type": "text/plain" }, OK],
  ["an encoding", 415, "/predict", { ...CALLER, "content-encoding": "gzip" }, OK],
  ["no JSON", 400, "/predict", CALLER, "{"],
  ["no body", 400, "/predict", CALLER, ""],
  ["a body that is too long", 413, "/predict", CALLER, OK.padEnd(3000)],
  ["too many rows", 413, "/predict", CALLER, `{"features":[${new Array(6).fill("[1,2,3]")}]}`],
  ["a row that is too short", 422, "/invocations", { ...CALLER, origin: ORIGIN }, '{"features":[[1,2]]}'],
  ["another model's tensor", 422, INFER, CALLER, '{"inputs":[]}'],
  ["a probe", 200, "/predict", { ...CALLER, "x-inference-probe": "1" }, OK],
  ["a request id", 200, "/predict", { ...CALLER, "x-request-id": "abc-1" }, OK],
];

/** The visible parts of a response. Ids that the service generates differ each time. */
async function seen(response: Response) {
  const { status, headers } = response;
  const compared = ["content-type", "www-authenticate", "retry-after", "vary", "access-control-allow-origin"];
  const id = headers.get("x-request-id") ?? "none";
  return {
    status,
    body: await response.text(),
    id: /^[0-9a-f]{16}-[0-9a-z]+$/.test(id) ? "made" : id,
    nosniff: headers.get("x-content-type-options"),
    headers: compared.map((name) => [name, headers.get(name)]),
  };
}

test.for(REQUESTS)("the Node path responds like Hono: %s, %i", async ([, status, path, headers, body]) => {
  const access = { tokens: [TOKEN], origins: [ORIGIN], requestsPerSecond: 0 };
  const { app, url } = await testApp({ more: { access } });
  const [onNode, onHono] = [
    await seen(await nodeRequest(url + path, { headers, body })),
    await seen(await app.request(path, { method: "POST", headers, body })),
  ];
  expect(onNode.status).toBe(status);
  expect(onNode).toEqual(onHono);
});

test("the Node path counts requests like Hono", async () => {
  const access = { tokens: [TOKEN], origins: [ORIGIN], requestsPerSecond: 0 };
  const counted = async (
    send: (of: Awaited<ReturnType<typeof testApp>>) => (one: (typeof REQUESTS)[number]) => Promise<unknown>,
  ) => {
    const made = await testApp({ more: { access } });
    for (const one of REQUESTS) await send(made)(one);
    const lines = (await (await made.app.request("/metrics")).text()).split("\n");
    return lines.filter((line) => /^inference_(probe_)?(requests|predictions)_total\{/.test(line));
  };
  const onNode = await counted(
    ({ url }) =>
      ([, , path, headers, body]) =>
        nodeRequest(url + path, { headers, body }),
  );
  const onHono = await counted(
    ({ app }) =>
      async ([, , path, headers, body]) =>
        app.request(path, { method: "POST", headers, body }),
  );
  expect(onNode).toEqual(onHono);
  expect(onNode).toContain('inference_requests_total{route="/predict",status="401"} 2');
});

test("the Node path returns the same state as Hono, ready or not", async () => {
  let ready = true;
  const { app, url } = await testApp({ isReady: () => ready });
  const states = ["/health", "/ready", "/ping", "/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/churn-model"];
  for (const expected of [200, 503]) {
    for (const path of states) {
      const [onNode, onHono] = [
        await seen(await nodeRequest(url + path, { method: "GET" })),
        await seen(await app.request(path)),
      ];
      expect(onNode.status, path).toBe(path.endsWith("/ready") ? expected : 200);
      expect(onNode, path).toEqual(onHono);
    }
    ready = false;
  }
});

test("requests that the Node path passes to Hono are answered over HTTP", async () => {
  const { url } = await testApp();
  const ask = async (method: string, path: string, headers = {}) => {
    const response = await nodeRequest(url + path, { method, headers });
    return [response.status, response.headers.get("content-type")?.split(";")[0]];
  };
  expect(await ask("GET", "/")).toEqual([200, "text/html"]);
  expect(await ask("GET", "/metrics")).toEqual([200, "text/plain"]);
  expect(await ask("GET", "/openapi.json")).toEqual([200, "application/json"]);
  expect(await ask("POST", "/predict?x=1", JSON_TYPE)).toEqual([400, "application/problem+json"]);
  expect(await ask("GET", "/predict")).toEqual([405, "application/problem+json"]);
  expect(await ask("GET", "/nothing")).toEqual([404, "application/problem+json"]);
  expect(await ask("OPTIONS", "/predict", { origin: ORIGIN })).toEqual([403, "application/problem+json"]);
  expect(await ask("HEAD", "/health")).toEqual([200, "application/json"]);
});
