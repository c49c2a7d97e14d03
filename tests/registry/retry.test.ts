import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { createModelVersion } from "../../registry/model-versions.ts";
import { lookupPolicy, readRetryAfter, retryDelay, retryPolicy, trainerPolicy } from "../../registry/retry.ts";
import { type Handler, json, serve } from "../helpers/http-server.ts";

const POLICY = { timeoutMs: 20_000, retries: 3 };

/** Starts a server that responds like `handle` a number of times, and then succeeds. */
const failing = (times: number, handle: Handler) => {
  let seen = 0;
  return serve((request, response) => (++seen <= times ? handle(request, response) : json(response, { seen })));
};
const unavailable: Handler = (_, response) => json(response, {}, 503);

test.each([
  ["a server that is overloaded", unavailable],
  ["an error of the server", ((_, response) => json(response, {}, 500)) satisfies Handler],
  ["a connection that is cut", ((_, response) => response.destroy()) satisfies Handler],
  ["half of an answer", ((_, response) => response.end('{"seen":')) satisfies Handler],
])("retries after %s", async (_name, handle) => {
  await using server = await failing(2, handle);
  expect(await new MlflowClient({ trackingUri: server.url }, POLICY).call("GET", "mlflow/x")).toEqual({ seen: 3 });
});

test("gives up after the last retry, and the error names the attempts, the request and the server", async () => {
  await using server = await failing(99, unavailable);
  const client = new MlflowClient({ trackingUri: server.url }, { ...POLICY, retries: 2 });
  const body = { name: "m", version: "3", key: "gate.verdict", value: "passed" };
  const asked = client.call("POST", "mlflow/model-versions/set-tag", { body, idempotent: true });
  await expect(asked).rejects.toThrow(
    new RegExp(
      `^MLflow at ${server.url} refused POST mlflow/model-versions/set-tag ` +
        String.raw`\(name m, version 3, key gate.verdict\): HTTP 503 {} \[3 attempts in \d\.\d s\]$`,
    ),
  );
  expect(server.requests).toHaveLength(3);
});

test("does not retry a call that is not idempotent", async () => {
  await using server = await failing(1, unavailable);
  const client = new MlflowClient({ trackingUri: server.url }, POLICY);
  await expect(client.call("POST", "mlflow/runs/create", { body: {} })).rejects.toThrow(
    "not retried, because it is not idempotent",
  );
  expect(server.requests).toHaveLength(1);
});

test("retries any call while connections are refused", async () => {
  const gone = await serve(() => {});
  await gone[Symbol.asyncDispose]();
  const client = new MlflowClient({ trackingUri: gone.url }, POLICY);
  const asked = client.call("POST", "mlflow/runs/create", { body: {} });
  await sleep(300);
  await using server = await serve((_, response) => json(response, { seen: 1 }), gone.port);
  expect(await asked).toEqual({ seen: 1 });
  expect(server.requests).toHaveLength(1);
});

test("a trainer waits about a minute for its registry in a pod, and a few seconds elsewhere", () => {
  const waitMs = (env: Readonly<Record<string, string>>, random: number) => {
    const policy = trainerPolicy(env);
    let elapsedMs = 0;
    for (let attempts = 1; ; attempts++) {
      const delay = retryDelay(policy, { attempts, elapsedMs, failed: { status: undefined } }, random);
      if (delay === undefined) return elapsedMs;
      elapsedMs += delay;
    }
  };
  const pod = { KUBERNETES_SERVICE_HOST: "10.0.0.1" };
  expect(waitMs(pod, 0.5) / 1000).toBeCloseTo(60.9, 1);
  expect(waitMs(pod, 0)).toBeGreaterThan(40_000);
  expect(waitMs(pod, 1)).toBeLessThan(66_000);
  expect(waitMs({}, 1)).toBe(3000);
  expect(waitMs({ ...pod, MLFLOW_HTTP_REQUEST_MAX_RETRIES: "4" }, 1)).toBe(3000);
});

test("does not retry a permanent error", async () => {
  await using server = await failing(9, (_, response) => json(response, { error_code: "X" }, 400));
  const client = new MlflowClient({ trackingUri: server.url }, POLICY);
  await expect(client.call("GET", "mlflow/x")).rejects.toThrow(/HTTP 400 X {"error_code":"X"}$/);
  expect(server.requests).toHaveLength(1);
});

const REFUSAL = JSON.stringify({ error_code: "RESOURCE_ALREADY_EXISTS", message: "it is there already" });
const refusing = (response: ServerResponse) => response.writeHead(400, { "content-type": "application/json" });
const half = (response: ServerResponse) => refusing(response).end(REFUSAL.slice(0, 9));

test.each([
  ["cut off", ((_, response) => refusing(response).write(REFUSAL.slice(0, 9), () => response.destroy())) as Handler],
  ["truncated without an error", ((_, response) => half(response)) as Handler],
])(
  "retries after an error response that was %s, because the caller may handle the whole one",
  async (_name, handle) => {
    await using server = await serve((request, response) =>
      server.requests.length < 2 ? handle(request, response) : refusing(response).end(REFUSAL),
    );
    const client = new MlflowClient({ trackingUri: server.url }, POLICY);
    const body = { name: "m" };
    const asked = client.call("POST", "mlflow/registered-models/create", { body, idempotent: true });
    await expect(asked).rejects.toMatchObject({ code: "RESOURCE_ALREADY_EXISTS" });
    expect(server.requests).toHaveLength(2);
  },
);

test("applies the timeout to each attempt, and starts none after twice the timeout", async () => {
  await using server = await serve(() => undefined);
  const client = new MlflowClient({ trackingUri: server.url }, { timeoutMs: 200, retries: 9 });
  const start = performance.now();
  await expect(client.call("GET", "mlflow/x")).rejects.toThrow(/no answer within 0\.2 s.*\[2 attempts in 0\.\d s\]/);
  expect(performance.now() - start).toBeLessThan(1500);
});

test("rejects a file that is shorter than expected", async () => {
  await using server = await serve((_, response) => response.end("abc"));
  const client = new MlflowClient({ trackingUri: server.url }, { ...POLICY, retries: 1 });
  await expect(client.request("GET", "x", { bytes: 4 })).rejects.toThrow(/received 3 bytes, expected 4 \[2 attempts/);
});

test("backs off exponentially up to a limit, with jitter", () => {
  const failed = { status: undefined };
  const delay = (attempts: number, random: number) =>
    retryDelay({ timeoutMs: 60_000, retries: 20 }, { attempts, elapsedMs: 0, failed }, random);
  expect([1, 2, 3, 4, 20].map((attempts) => delay(attempts, 1))).toEqual([200, 400, 800, 1600, 5000]);
  expect(delay(1, 0)).toBe(100);
});

test("honours Retry-After, unless the wait is too long", () => {
  const next = (retryAfterMs: number) =>
    retryDelay(POLICY, { attempts: 1, elapsedMs: 0, failed: { status: 503, retryAfterMs } }, 0);
  expect(next(2000)).toBe(2100);
  expect(next(31_000)).toBeUndefined();
});

test("reads Retry-After as seconds and as a date, regardless of the clock", () => {
  const now = Date.parse("2026-05-01T12:00:00Z");
  expect(readRetryAfter("7", now)).toBe(7000);
  expect(readRetryAfter("Fri, 01 May 2026 12:00:03 GMT", now)).toBe(3000);
  // A clock that was set forward.
  expect(readRetryAfter("Fri, 01 May 2026 11:00:00 GMT", now)).toBe(0);
  expect(readRetryAfter("soon", now)).toBeUndefined();
  expect(readRetryAfter(null, now)).toBeUndefined();
});

test("reads timeout and retries from the variables of MLflow's own client", () => {
  expect(retryPolicy({})).toEqual({ timeoutMs: 30_000, retries: 4 });
  expect(retryPolicy({ MLFLOW_HTTP_REQUEST_TIMEOUT: "0.5", MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" })).toEqual({
    timeoutMs: 500,
    retries: 0,
  });
  expect(() => retryPolicy({ MLFLOW_HTTP_REQUEST_TIMEOUT: "-1" })).toThrow(
    'MLFLOW_HTTP_REQUEST_TIMEOUT must be seconds between 0 and 86400, got "-1"',
  );
  expect(() => retryPolicy({ MLFLOW_HTTP_REQUEST_MAX_RETRIES: "many" })).toThrow("a whole number between 0 and 20");
});

const made = { name: "m", version: "7", source: "mlflow-artifacts:/1/r/artifacts/model", run_id: "r" };
const wanted = { name: "m", source: made.source, runId: "r" };

/** Starts a registry whose response to a registration is lost. */
const losing = (versions: object[]) =>
  serve((request, response) => {
    if (request.path.includes("model-versions/create")) response.destroy();
    else if (request.path.includes("model-versions/search")) json(response, { model_versions: versions });
    else json(response, {});
  });

test("finds the registered version although the response was lost", async () => {
  await using server = await losing([{ ...made, version: "8", source: "another" }, made]);
  const version = await createModelVersion(new MlflowClient({ trackingUri: server.url }, POLICY), wanted);
  expect(version.version).toBe("7");
  expect(server.requests.filter(({ path }) => path.includes("model-versions/create"))).toHaveLength(1);
});

test("fails if no version was registered, and if the lookup fails", async () => {
  await using server = await losing([]);
  const register = (url: string) => createModelVersion(new MlflowClient({ trackingUri: url }, POLICY), wanted);
  await expect(register(server.url)).rejects.toThrow(/does not answer POST mlflow\/model-versions\/create \(name m,/);
  await using gone = await serve((request, response) =>
    request.path.includes("registered-models/create") ? json(response, {}) : response.destroy(),
  );
  await expect(register(gone.url)).rejects.toThrow("It is unknown whether the version was registered nevertheless:");
});

test("an optional lookup times out after 5 s, or after a sixth of a long timeout", () => {
  const timeouts = [1_000, 30_000, 120_000].map((timeoutMs) => lookupPolicy({ timeoutMs, retries: 4 }).timeoutMs);
  expect(timeouts).toEqual([1_000, 5_000, 20_000]);
});
