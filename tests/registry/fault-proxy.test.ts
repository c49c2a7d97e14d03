import { expect, test } from "vitest";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { FAULTS, type Fault, startFaultProxy } from "../helpers/fault-proxy.ts";
import { json, serve } from "../helpers/http-server.ts";

/** Only one of the faults is told by the time: for the others it must not matter how busy the machine is. */
const policy = (fault?: Fault) => ({ timeoutMs: fault === "slow" ? 1500 : 20_000, retries: 2 });
const BODY = { name: "m", version: "1", key: "k", value: "v" };

test.each(FAULTS)("%s once: a call that may be repeated gets its answer", async (fault) => {
  await using server = await serve((_, response) => json(response, { answer: "x".repeat(100) }));
  await using proxy = await startFaultProxy(server.url);
  const client = new MlflowClient({ trackingUri: proxy.url }, policy(fault));
  proxy.arm({ fault, nth: 2, forGood: false });
  expect(await client.call("GET", "a")).toEqual({ answer: "x".repeat(100) });
  expect(await client.call("POST", "b", { body: BODY, idempotent: true })).toEqual({ answer: "x".repeat(100) });
  expect(proxy.hits).toBe(1);
  expect(proxy.steps.map(({ path }) => path).slice(0, 3)).toEqual(["a", "b", "b"]);
});

test.each(FAULTS)("%s for good: fails with step, URL and tries; all is well afterwards", async (fault) => {
  await using server = await serve((_, response) => json(response, { answer: "x".repeat(100) }));
  await using proxy = await startFaultProxy(server.url);
  const client = new MlflowClient({ trackingUri: proxy.url }, policy(fault));
  proxy.arm({ fault, nth: 1, method: "POST", path: /set-tag/, forGood: true });
  // The fault is armed for POST: another method goes through.
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

test("cuts a request in the middle of its body, and loses an answer after the deed", async () => {
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
