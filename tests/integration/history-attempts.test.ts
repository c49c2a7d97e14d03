/** What the history says of an update that was cut off while callers moved, on a real MLflow server. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, onTestFinished, test, vi } from "vitest";
import { recordMove } from "../../infra/record-move.ts";
import { provider as rolloutStart } from "../../infra/targets/kubernetes/rollout-start-provider.ts";
import { readHistory } from "../../registry/history.ts";
import { provider } from "../../registry/registry-stage-provider.ts";
import { judgedModel } from "../helpers/registry/judged-model.ts";
import { testRegistry } from "../helpers/test-registry.ts";

const run = promisify(execFile);
const mlflow = testRegistry();

/** A model with two approved versions, of which the first is in production. */
async function inProduction(modelName: string) {
  const model = judgedModel(mlflow.client, modelName);
  const [first, second] = [await model.approved(), await model.approved()];
  const registry = { trackingUri: mlflow.url };
  const inputs = { registry, modelName, version: first, environment: "production", stack: "p/production" } as const;
  const move = (version: string, does: () => Promise<void> = async () => {}) =>
    recordMove({ registry, environment: "production", modelName, version, sha256: `sha-${version}` }, does);
  await move(first);
  const { id } = await provider.create(inputs);
  const promote = (version: string) => provider.update(id, { ...inputs }, { ...inputs, version });
  const events = async () => (await readHistory(mlflow.client, modelName)).map(({ kind, to }) => `${kind} ${to}`);
  const history = async (...args: string[]) => {
    const env = { ...process.env, MLFLOW_TRACKING_URI: mlflow.url };
    return (await run(process.execPath, ["deploy/history.ts", "--model", modelName, ...args], { env })).stdout;
  };
  return { first, second, move, promote, events, history };
}

test("an attempt comes before its promotion, and the history shows only the promotion", async () => {
  const { second, move, promote, events, history } = await inProduction("attempts-whole");
  await move(second);
  await promote(second);
  expect(await events()).toEqual(["attempt 1", "promotion 1", "attempt 2", "promotion 2"]);
  const shown = await history();
  expect(shown).not.toContain("attempt");
  expect(shown.trim().split("\n")).toHaveLength(2);
});

test("an update that is cut off leaves its attempt as the last word, and --at says what callers may have reached", async () => {
  const { first, second, move, history } = await inProduction("attempts-cut");
  await move(second);
  expect(await history()).toMatch(/ {2}attempt +from 1 to 2 .*an update began to lead callers to this version\n$/);
  const now = await history("--at", new Date().toISOString());
  expect(now).toMatch(/^An update to version 2 began at .* and has no recorded end/);
  expect(now).toContain(`version ${first} was in production at`);
  const json = JSON.parse(await history("--json", "--at", new Date().toISOString()));
  expect(json).toMatchObject({ version: "1", attempt: { kind: "attempt", from: "1", to: "2" } });
});

test("callers that are led back close it, once", async () => {
  const { first, second, move, events, history } = await inProduction("attempts-back");
  await move(second);
  await move(first);
  await move(first);
  expect(await events()).toEqual(["attempt 1", "promotion 1", "attempt 2", "return 1"]);
  expect(await history("--at", new Date().toISOString())).not.toContain("An update to");
  expect(await history()).toMatch(/ {2}return +from 2 to 1 .*callers are back at the version in production\n$/);
});

test("a move that fails is a failure, and the way back from it is recorded too", async () => {
  const { first, second, move, events } = await inProduction("attempts-failed");
  const fails = () => Promise.reject(new Error("no room"));
  await expect(move(second, fails)).rejects.toThrow("no room; the registry's Production is version 1.");
  await expect(move(first, fails)).rejects.toThrow("no room");
  await move(first);
  const after = ["attempt 2", "failure 2", "failure 1"];
  expect(await events()).toEqual(["attempt 1", "promotion 1", ...after]);
  const last = (await readHistory(mlflow.client, "attempts-failed")).at(-1);
  // The version in production did not fail on its way from itself.
  expect(last).not.toHaveProperty("from");
});

test("a registry that does not respond does not prevent a return to a version that served before", async () => {
  vi.stubEnv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0");
  onTestFinished(() => void vi.unstubAllEnvs());
  const record = { registry: { trackingUri: "http://127.0.0.1:9" }, environment: "production" } as const;
  let moved = false;
  await recordMove({ ...record, modelName: "m", version: "1", sha256: "s" }, async () => {
    moved = true;
  });
  expect(moved).toBe(true);
});

test("a rollout is recorded before its Deployment is written, and once", async () => {
  const { second, move, events } = await inProduction("attempts-start");
  const record = { registry: { trackingUri: mlflow.url }, environment: "production", sha256: `sha-${second}` } as const;
  const start = { ...record, modelName: "attempts-start", version: second, image: "churn@sha256:2" };
  const { id, outs } = await rolloutStart.create(start);
  expect(await events()).toEqual(["attempt 1", "promotion 1", "attempt 2"]);
  expect(outs).toMatchObject({ image: "churn@sha256:2", version: second });
  await move(second);
  expect(await events()).toHaveLength(3);
  expect(await rolloutStart.diff(id, outs, { ...start, guardedEvidence: "other" })).toEqual({ changes: false });
  expect(await rolloutStart.diff(id, outs, { ...start, image: "churn@sha256:3" })).toEqual({ changes: true });
});

test("a version that was withdrawn since the guard was asked gets no Deployment, and moves no callers", async () => {
  const { first, second, move, events } = await inProduction("attempts-withdrawn");
  const record = { registry: { trackingUri: mlflow.url }, environment: "production", sha256: "s", image: "i" } as const;
  const tag = { name: "attempts-withdrawn", version: second, key: "gate.withdrawn", value: "leaks names" };
  await mlflow.client.call("POST", "mlflow/model-versions/set-tag", { body: tag });
  const refusal = "version 2 does not go to production: it was withdrawn: leaks names";
  await expect(rolloutStart.create({ ...record, modelName: "attempts-withdrawn", version: second })).rejects.toThrow(
    refusal,
  );
  let moved = false;
  const moves = move(second, async () => {
    moved = true;
  });
  await expect(moves).rejects.toThrow(refusal);
  expect(moved).toBe(false);
  expect(await events()).not.toContain(`attempt ${second}`);
  // What serves may be started again, even withdrawn.
  await move(first);
});

test("staging's moves are no part of production's history", async () => {
  const registry = { trackingUri: mlflow.url };
  const record = {
    registry,
    environment: "staging",
    modelName: "attempts-staging",
    version: "1",
    sha256: "s",
  } as const;
  await recordMove(record, async () => {});
  expect(await readHistory(mlflow.client, "attempts-staging")).toEqual([]);
});
