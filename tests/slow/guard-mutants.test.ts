/** Every way to a wrong promotion that is known, tried on the guard with a real registry: the same table as `npm run mutants`. */
import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readHistory } from "../../registry/history.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { PROMOTION_EVIDENCE_TAGS } from "../../registry/promotion-evidence.ts";
import { type RunningMlflow, startMlflow } from "../helpers/mlflow-server.ts";
import { EVIDENCE_MUTANTS } from "../registry/guard-mutants/evidence.ts";
import { caughtByGuard, makeScene, type Scene } from "../registry/guard-mutants/mutant.ts";
import { PRODUCTION_MUTANTS } from "../registry/guard-mutants/production.ts";

let mlflow: RunningMlflow;
let client: MlflowClient;
beforeAll(async () => {
  mlflow = await startMlflow();
  client = new MlflowClient({ trackingUri: mlflow.url });
});
afterAll(() => mlflow?.stop());

test("lets the honest version pass that all of them spoil", async () => {
  const { model } = await makeScene(client);
  expect(await model.ask("2")).toMatchObject({ approvedVersion: "2", why: "the gate passed it and staging proved it" });
});

test.each([...EVIDENCE_MUTANTS, ...PRODUCTION_MUTANTS])("$name: refused", async (mutant) => {
  expect(await caughtByGuard(client, mutant)).toContain(mutant.says);
});

test("goes back to a version that a policy failed which was tried later", async () => {
  const { model } = await makeScene(client);
  await model.promote("2");
  await model.judge("1", { verdict: "failed", policy: { accuracy: { min: 0.99 } } });
  await model.prove("1", { passed: false, maxLatencyMs: 1 });
  await model.promote("1");
  expect((await readHistory(client, model.name)).at(-1)).toMatchObject({ kind: "rollback", from: "2", to: "1" });
});

/** Takes what earlier releases did not record. */
async function asEarlierReleaseLeftIt({ hand }: Scene, version: string): Promise<void> {
  for (const tag of ["gate.report_sha256", "gate.champion", "gate.runtime", "gate.attestation"])
    await hand.untag(version, tag);
  for (const tag of ["report_sha256", "max_latency_ms"]) await hand.untag(version, `staging.${tag}`);
  const kept = ["modelSha256", "policySha256", "evaluationMd5", "report"];
  for (const [key, tag] of Object.entries(PROMOTION_EVIDENCE_TAGS))
    if (!kept.includes(key)) await hand.untagLastEvent(tag).catch(() => undefined);
}

test.each([undefined, "a key"])(
  "goes back to a version that an earlier release promoted, signed with %s",
  async (signed) => {
    const keys = generateKeyPairSync("ed25519");
    const key = keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const gatePublicKey = keys.publicKey.export({ type: "spki", format: "pem" }).toString();
    const [judgement, asked] = signed === undefined ? [{}, {}] : [{ key }, { gatePublicKey }];
    const scene = await makeScene(client);
    const { model } = scene;
    const old = await model.approved(judgement);
    await model.promote(old, asked);
    await asEarlierReleaseLeftIt(scene, old);
    const next = await model.approved(judgement);
    await model.promote(next, asked);
    expect(await model.ask(old, asked)).toMatchObject({
      attestation: signed === undefined ? "" : expect.stringMatching(/\/gate\/attestation-[^/]+\.json$/),
    });
    await model.promote(old, asked);
    expect((await readHistory(client, model.name)).at(-1)).toMatchObject({ kind: "rollback", to: old });
  },
);

test("calls the first promotion of a lower number a promotion", async () => {
  const { model } = await makeScene(client);
  const third = await model.approved();
  await model.promote(third);
  await model.judge("2");
  await model.promote("2");
  const events = await readHistory(client, model.name);
  expect(events.map(({ kind, to }) => `${kind} ${to}`)).toEqual(["promotion 1", "promotion 3", "promotion 2"]);
});

test("records a move once that two updates make at the same time", async () => {
  const { model } = await makeScene(client);
  await Promise.all([model.promote("2"), model.promote("2")]);
  const events = await readHistory(client, model.name);
  expect(events.map(({ kind, to }) => `${kind} ${to}`)).toEqual(["promotion 1", "promotion 2"]);
});

test("restores a deleted history before anything moves, and loses none of it", async () => {
  const { model, hand } = await makeScene(client);
  await hand.deleteHistory();
  expect((await readHistory(client, model.name)).map(({ to }) => to)).toEqual(["1"]);
  await model.promote("2");
  const events = await readHistory(client, model.name);
  expect(events.map(({ kind, from, to }) => [kind, from, to])).toEqual([
    ["promotion", undefined, "1"],
    ["promotion", "1", "2"],
  ]);
});
