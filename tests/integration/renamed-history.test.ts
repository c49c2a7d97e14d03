/** The history of a model whose experiment was renamed, or that never had one: on a real MLflow server. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { readHistory } from "../../registry/history.ts";
import { HISTORY_TAG, historyExperiment } from "../../registry/history-experiment.ts";
import { getRegisteredModel } from "../../registry/registered-model.ts";
import { findExperiment } from "../../registry/runs.ts";
import { byHand } from "../helpers/registry/by-hand.ts";
import { judgedModel } from "../helpers/registry/judged-model.ts";
import { testRegistry } from "../helpers/test-registry.ts";

const mlflow = testRegistry();

async function history(...args: string[]) {
  const env = { ...process.env, MLFLOW_TRACKING_URI: mlflow.url, MODEL_NAME: "" };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["deploy/history.ts", ...args], { env });
  return { out: stdout.trim(), err: stderr.trim() };
}

test("a model that came into production by hand has no history, and the command says so", async () => {
  const model = judgedModel(mlflow.client, "by-hand");
  await model.register();
  const hand = byHand(mlflow.client, "by-hand");
  await hand.alias("production", "1");
  await hand.stage("1", "Production");
  const message =
    "by-hand has no history, although the alias production names version 1 and the stage Production is held by version 1: " +
    "it was promoted manually or before this project was in use, or its history was lost";
  expect(await history("--model", "by-hand")).toEqual({ out: message, err: "" });
  expect(await history("--model", "by-hand", "--json")).toEqual({ out: "[]", err: `history: ${message}` });
});

test("a history that was renamed is found by its id, goes on there, and the command says so", async () => {
  const name = "renamed";
  const model = judgedModel(mlflow.client, name);
  const hand = byHand(mlflow.client, name);
  for (const _version of [1, 2]) await model.approved({ policy: { accuracy: { min: 0.85 } } });
  await model.promote("1");
  const id = (await findExperiment(mlflow.client, historyExperiment(name)))?.id;
  expect((await getRegisteredModel(mlflow.client, name)).tags[HISTORY_TAG]).toBe(id);
  await hand.renameHistory("old-promotions-1");
  const { out, err } = await history();
  expect(out).toMatch(/^\S+ {2}promotion +to 1 /);
  expect(err).toBe(
    "history: the experiment renamed-promotions was renamed to old-promotions-1 in MLflow; it is found by its id, and new events go there",
  );
  await model.promote("2");
  // Renamed and deleted: the next event restores it.
  await hand.deleteHistory();
  expect(await readHistory(mlflow.client, name)).toHaveLength(2);
  await model.promote("1");
  const events = await readHistory(mlflow.client, name);
  expect(events.map(({ kind, from, to }) => `${kind} ${from} ${to}`)).toEqual([
    "promotion undefined 1",
    "promotion 1 2",
    "rollback 2 1",
  ]);
  expect(await findExperiment(mlflow.client, historyExperiment(name))).toBeUndefined();
});
