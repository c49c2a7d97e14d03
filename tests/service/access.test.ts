import { Agent } from "node:http";
import { expect, test } from "vitest";
import { nodeRequest } from "./helpers/node-request.ts";
import { testApp } from "./helpers/test-app.ts";

const BODY = { features: [[1, 2, 3]] };
const TOKEN = "a-token-of-enough-length";
const rules = { tokens: [] as string[], origins: [] as string[], requestsPerSecond: 0 };

test("401 with instructions without a token; 200 with any of the tokens", async () => {
  const { ask, app } = await testApp({ more: { access: { ...rules, tokens: [TOKEN, "another-token-of-enough"] } } });
  for (const authorization of [undefined, "", "Bearer", "Bearer wrong", `Basic ${TOKEN}`, `Bearer ${TOKEN}x`]) {
    const response = await ask("/predict", BODY, authorization === undefined ? {} : { authorization });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
  }
  for (const token of [TOKEN, "another-token-of-enough"])
    expect((await ask("/predict", BODY, { authorization: `bearer ${token}` })).status).toBe(200);
  expect((await app.request("/health")).status).toBe(200);
});

test("rejects a page of another origin unless it is listed", async () => {
  const { ask, app } = await testApp();
  const foreign = { origin: "https://evil.example", host: "localhost:8000" };
  for (const path of ["/predict", "/invocations", "/v2/models/churn-model/infer"])
    expect((await ask(path, BODY, foreign)).status).toBe(403);
  expect((await ask("/predict", BODY, { origin: "null", host: "localhost:8000" })).status).toBe(403);
  expect((await ask("/predict", BODY, { origin: "http://localhost:8000", host: "localhost:8000" })).status).toBe(200);
  const preflight = await app.request("/predict", { method: "OPTIONS", headers: foreign });
  expect(preflight.status).toBe(403);
  expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
});

test("allows the service's own page, but not under a host name that could be rebound to this machine", async () => {
  const from = (host: string, scheme = "http") => ({ origin: `${scheme}://${host}`, host });
  const { ask } = await testApp();
  for (const host of ["127.0.0.1:8000", "10.1.2.3", "[::1]:8000", "localhost", "churn.localhost:8000"])
    expect((await ask("/predict", BODY, from(host))).status, host).toBe(200);
  for (const host of ["evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "1e100.net"]) {
    const response = await ask("/predict", BODY, from(host));
    expect(response.status, host).toBe(403);
    expect(await response.text()).toContain("CORS_ORIGINS");
  }
  const listed = await testApp({ more: { access: { ...rules, origins: ["https://churn.example"] } } });
  expect((await listed.ask("/predict", BODY, from("churn.example", "https"))).status).toBe(200);
  const guarded = await testApp({ more: { access: { ...rules, tokens: [TOKEN] } } });
  const headers = { ...from("churn.example", "https"), authorization: `Bearer ${TOKEN}` };
  expect((await guarded.ask("/predict", BODY, headers)).status).toBe(200);
});

test("a listed origin may send requests and read responses", async () => {
  const origin = "https://app.example";
  const { ask, app } = await testApp({ more: { access: { ...rules, origins: [origin] } } });
  const preflight = await app.request("/predict", { method: "OPTIONS", headers: { origin } });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-origin")).toBe(origin);
  for (const [body, status] of [
    [BODY, 200],
    [{}, 422],
  ] as const) {
    const response = await ask("/predict", body, { origin });
    expect(response.status).toBe(status);
    expect(response.headers.get("access-control-allow-origin")).toBe(origin);
    expect(response.headers.get("vary")).toBe("origin");
  }
  expect((await ask("/predict", BODY, { origin: "https://evil.example" })).status).toBe(403);
});

test("429 above the rate limit", async () => {
  const { ask } = await testApp({ more: { access: { ...rules, requestsPerSecond: 2 } } });
  const statuses: number[] = [];
  for (let index = 0; index < 3; index++) statuses.push((await ask("/predict", BODY)).status);
  expect(statuses).toEqual([200, 200, 429]);
});

test("503 with Retry-After if the queue is full", async () => {
  const { url } = await testApp({ more: { limits: { maxRows: 5, maxBodyBytes: 2000, maxQueueRows: 2 } } });
  const agent = new Agent({ keepAlive: true });
  const headers = { "content-type": "application/json" };
  const atOnce = () =>
    Promise.all(
      Array.from({ length: 8 }, () => nodeRequest(`${url}/predict`, { headers, body: JSON.stringify(BODY), agent })),
    );
  // Over open connections, all requests arrive in one turn.
  await atOnce();
  const responses = await atOnce();
  agent.destroy();
  const refused = responses.filter(({ status }) => status === 503);
  expect(refused.length).toBeGreaterThan(0);
  expect(responses.filter(({ status }) => status === 200).length).toBe(8 - refused.length);
  for (const { headers } of refused) expect(headers.get("retry-after")).toBe("1");
});

test("returns the caller's request id, its trace id, or a new id; never characters that could break a header or a log", async () => {
  const { ask } = await testApp();
  const idOf = async (headers: Record<string, string>) =>
    (await ask("/predict", BODY, headers)).headers.get("x-request-id");
  expect(await idOf({ "x-request-id": "abc-1" })).toBe("abc-1");
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  expect(await idOf({ traceparent: `00-${traceId}-b7ad6b7169203331-01` })).toBe(traceId);
  const made = await idOf({ "x-request-id": "a b<script>" });
  expect(made).toMatch(/^[0-9a-f]{16}-[0-9a-z]+$/);
  // A trace id of zeros is invalid.
  const another = await idOf({ traceparent: `00-${"0".repeat(32)}-b7ad6b7169203331-01` });
  expect(another).toMatch(/^[0-9a-f]{16}-[0-9a-z]+$/);
  expect(another).not.toBe(made);
});
