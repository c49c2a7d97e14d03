import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readHistory, recordEvent } from "../../registry/history.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { resolveModelUri } from "../../registry/model-versions.ts";
import { overload } from "../helpers/machine-share.ts";
import { type RunningMlflow, startMlflow } from "../helpers/mlflow-server.ts";
import { type JudgedModel, judgedModel } from "../helpers/registry/judged-model.ts";

const MODEL = "churn-model";
const VERSIONS = 10_000;
const EVENTS = 1_000;

let mlflow: RunningMlflow;
let client: MlflowClient;
let model: JudgedModel;
beforeAll(async () => {
  mlflow = await startMlflow();
  client = new MlflowClient({ trackingUri: mlflow.url });
  model = judgedModel(client, MODEL);
  await model.approved();
  await recordEvent(client, MODEL, { kind: "refusal", to: "1", why: "to have an experiment" });
  multiply(mlflow.database);
  // Meanwhile the server has closed the connection that was kept: it is seen to be closed.
  await sleep(500);
});
afterAll(() => mlflow?.stop());

/** Copies version 1, with all of its tags, and the first event of the history: by REST it would take minutes. */
function multiply(path: string): void {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA busy_timeout = 10000; BEGIN");
  const columns = (table: string) =>
    database
      .prepare(`PRAGMA table_info(${table})`)
      .all()
      .map(({ name }) => String(name));
  /** Inserts a row like those that `where` finds, for each number, with some columns changed. */
  const copy = (table: string, where: string, changes: Readonly<Record<string, string>>, from: number, to: number) => {
    const names = columns(table);
    const values = names.map((name) => changes[name] ?? `t.${name}`);
    database.exec(
      `WITH RECURSIVE n(n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM n WHERE n < ${to})
       INSERT INTO ${table} (${names.join(", ")}) SELECT ${values.join(", ")} FROM n, ${table} t WHERE ${where}`,
    );
  };
  copy("model_versions", "t.version = 1", { version: "n.n", storage_location: "t.storage_location" }, 2, VERSIONS);
  copy("model_version_tags", "t.version = 1", { version: "n.n" }, 2, VERSIONS);
  const first = "(SELECT run_uuid FROM tags WHERE key = 'promotion.event' LIMIT 1)";
  const run = "printf('%032d', n.n)";
  copy("runs", `t.run_uuid = ${first}`, { run_uuid: run, start_time: "t.start_time + n.n" }, 2, EVENTS);
  copy("tags", `t.run_uuid = ${first}`, { run_uuid: run }, 2, EVENTS);
  database.exec("COMMIT");
  database.close();
}

/** Milliseconds of this machine when it does nothing else; the faster of two, since the first after a copy reads the disk. */
async function time(what: string, work: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 2; round++) {
    const start = performance.now();
    await work();
    best = Math.min(best, performance.now() - start);
  }
  const share = overload();
  console.log(
    `${what}: ${best.toFixed(0)} ms with ${VERSIONS} versions and ${EVENTS} events, on a machine with ${share.toFixed(1)} x the work it can do`,
  );
  return best / share;
}

test(`with ${VERSIONS} versions, promotion, history and a look by stage each stay under 2 s`, async () => {
  const count = new DatabaseSync(mlflow.database, { readOnly: true })
    .prepare("SELECT count(*) AS n FROM model_versions")
    .get();
  expect(count?.n).toBe(VERSIONS);
  // Copies carry the first one's evidence, which is not theirs.
  for (const version of [VERSIONS, VERSIONS - 1].map(String)) {
    await model.judge(version, { policy: { accuracy: { min: 0.85 } } });
    await model.prove(version);
    // The check of production is not what is timed: its nine tags take MLflow some two seconds here.
    await model.prove(version, { environment: "production" });
  }
  let turn = 0;
  const promote = () => model.promote(String(VERSIONS - turn++));
  expect(await time("promotion (guard, stage, alias, event)", promote)).toBeLessThan(2_000);
  const history = async () => {
    const events = await readHistory(client, MODEL);
    expect(events).toHaveLength(EVENTS + 2);
    // The copies lie a little in the future.
    expect(events.some(({ to }) => to === String(VERSIONS))).toBe(true);
  };
  expect(await time("history", history)).toBeLessThan(2_000);
  const byStage = async () => {
    expect((await resolveModelUri(client, `models:/${MODEL}/Production`)).version).toBe(String(VERSIONS - 1));
  };
  expect(await time("models:/churn-model/Production", byStage)).toBeLessThan(2_000);
});
