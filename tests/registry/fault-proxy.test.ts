import { expect, test } from "vitest";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { FAULTS, type Fault, startFaultProxy } from "../helpers/fault-proxy.ts";
import { json, serve } from "../helpers/http-server.ts";

/** Only one of the faults depends on a timeout; for the others, a busy machine must not matter. */
const policy = (fault?: Fault) => ({ timeoutMs: fault === "slow" ? 1500 : 20_000, retries: 2 });
const BODY = { name: "m", version: "1", key: "k", value: "v" };

test.each(FAULTS)("%s once: an idempotent call succeeds", async (fault) => {
  await using server = await serve((_, response) => json(response, { answer: "x".repeat(100) }));
  await using proxy = await startFaultProxy(server.url);
  const client = new MlflowClient({ trackingUri: proxy.url }, policy(fault));
  proxy.arm({ fault, nth: 2, forGood: false });
  expect(await client.call("GET", "a")).toEqual({ answer: "x".repeat(100) });
  expect(await client.call("POST", "b", { body: BODY, idempotent: true })).toEqual({ answer: "x".repeat(100) });
  expect(proxy.hits).toBe(1);
  expect(proxy.steps.map(({ path }) => path).slice(0, 3)).toEqual(["a", "b", "b"]);
});

test.each(FAULTS)("%s permanently: the error names step, URL and attempts, and later calls succeed", async (fault) => {
  await using server = await serve((_, response) => json(response, { answer: "x".repeat(100) }));
  await using proxy = await startFaultProxy(server.url);
  const client = new MlflowClient({ trackingUri: proxy.url }, policy(fault));
  proxy.arm({ fault, nth: 1, method: "POST", path: /set-tag/, forGood: true });
  // The fault is armed for POST, so another method succeeds.
  expect(await client.call("GET", "mlflow/model-versions/set-tag")).toEqual({ answer: "x".repeat(100) });
  const asked = client.call("POST", "mlflow/model-versions/set-tag", { body: BODY, idempotent: true });
  const error = await asked.then(
    () => expect.unreachable(),
    (error: Error) => error,
  );
  expect(error.message).toContain(`MLflow at ${proxy.url} `);
  expect(error.message).toContain("POST mlflow/model-versions/set-tag (name m, version 1, key k)");
  expect(error.message).toMatch(/\[[23] attempts in \d+\.\d s\]$/);
  await proxy.disarm();
  expect(await client.call("POST", "mlflow/model-versions/set-tag", { body: BODY })).toEqual({
    answer: "x".repeat(100),
  });
});

test("cuts a request in the middle of its body, and loses the response to a completed request", async () => {
  await using server = await serve((_, response) => json(response, {}));
  await using proxy = await startFaultProxy(server.url);
  const client = new MlflowClient({ trackingUri: proxy.url }, { ...policy(), retries: 0 });
  proxy.arm({ fault: "cut-request", nth: 1, forGood: false });
  await expect(client.call("POST", "x", { body: BODY })).rejects.toThrow("does not answer");
  expect(server.requests).toHaveLength(0);
  proxy.arm({ fault: "lost-answer", nth: 1, forGood: false });
  await expect(client.call("POST", "x", { body: BODY })).rejects.toThrow("does not answer");
  expect(server.requests).toHaveLength(1);
});
