/** Every way to a wrong promotion that is known, tried on the guard with a real registry: the same table as `npm run mutants`. */
import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { provider as check } from "../../infra/deployment-check/deployment-check-provider.ts";
import { readHistory } from "../../registry/history.ts";
import { PROMOTION_EVIDENCE_TAGS } from "../../registry/promotion-evidence.ts";
import { lookUpSurroundings } from "../../training/gate/gate-inputs.ts";
import { testRegistry } from "../helpers/test-registry.ts";
import { EVIDENCE_MUTANTS } from "../registry/guard-mutants/evidence.ts";
import { caughtByGuard, makeScene, type Scene } from "../registry/guard-mutants/mutant.ts";
import { PRODUCTION_MUTANTS } from "../registry/guard-mutants/production.ts";

const mlflow = testRegistry();

test("lets the honest version pass that all of them spoil", async () => {
  const { model } = await makeScene(mlflow.client);
  expect(await model.ask("2")).toMatchObject({
    approvedVersion: "2",
    why: "the gate passed it and staging verified it",
  });
});

test.each([...EVIDENCE_MUTANTS, ...PRODUCTION_MUTANTS])("$name: refused", async (mutant) => {
  expect(await caughtByGuard(mlflow.client, mutant)).toContain(mutant.says);
});

test("goes back to a version that a policy failed which was tried later", async () => {
  const { model } = await makeScene(mlflow.client);
  await model.promote("2");
  await model.judge("1", { verdict: "failed", policy: { accuracy: { min: 0.99 } } });
  await model.prove("1", { passed: false, maxLatencyMs: 1 });
  await model.promote("1");
  expect((await readHistory(mlflow.client, model.name)).at(-1)).toMatchObject({ kind: "rollback", from: "2", to: "1" });
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
    const scene = await makeScene(mlflow.client);
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
    expect((await readHistory(mlflow.client, model.name)).at(-1)).toMatchObject({ kind: "rollback", to: old });
  },
);

test.each(["deleted", "overwritten"])(
  "a report that was %s is a change for gate and check, which then run again",
  async (how) => {
    const { model, hand } = await makeScene(mlflow.client);
    const registry = { trackingUri: mlflow.client.trackingUri };
    const task = { registry, modelName: model.name, version: "2" };
    const gate = () => lookUpSurroundings({ ...task, policy: {} });
    const checked = () => check.check({}, { ...task, environment: "staging" } as never);
    const before = [(await gate()).evidence, (await checked()).inputs.evidence];
    expect(before).toEqual([
      expect.stringMatching(/^passed.*evidence [0-9a-f]{12}$/),
      expect.stringMatching(/^passed.*evidence [0-9a-f]{12}$/),
    ]);
    const { tags } = await model.version("2");
    for (const report of [tags["gate.report"] ?? "", tags["staging.report"] ?? ""])
      await (how === "deleted" ? hand.deleteFile(report) : hand.overwrite(report, "{}"));
    const says = how === "deleted" ? "its report is missing" : "its report was overwritten";
    expect((await gate()).evidence).toBe(`${before[0]}, ${says}`);
    expect((await checked()).inputs.evidence).toBe(`${before[1]}, ${says}`);
    await model.judge("2");
    expect((await gate()).evidence).toMatch(/evidence [0-9a-f]{12}$/);
  },
);

test("with another key, new signatures count, whatever key signed the earlier promotion", async () => {
  const pair = () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    return {
      key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      gatePublicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
    };
  };
  const [old, next] = [pair(), pair()];
  const { model } = await makeScene(mlflow.client);
  const version = await model.approved({ key: old.key });
  await model.promote(version, { gatePublicKey: old.gatePublicKey });
  await expect(model.ask(version, { gatePublicKey: next.gatePublicKey })).rejects.toThrow(
    "was not made with the configured key",
  );
  await model.judge(version, { key: next.key });
  await model.prove(version, { signingKey: next.key });
  await model.promote(version, { gatePublicKey: next.gatePublicKey });
});

test("a promotion whose report is lost is repaired by judging the version again", async () => {
  const { model, hand } = await makeScene(mlflow.client);
  await hand.deleteFile((await model.version("1")).tags["gate.report"] ?? "");
  await model.promote("2");
  await expect(model.ask("1")).rejects.toThrow("the gate's report cannot be read");
  await model.judge("1");
  await model.promote("1");
});

test("a signed proof of a failure is none, for a promotion that names no proof as well", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const asked = { gatePublicKey: publicKey.export({ type: "spki", format: "pem" }).toString() };
  const { model, hand } = await makeScene(mlflow.client);
  const first = await model.approved({ key });
  await model.promote(first, asked);
  const second = await model.register();
  await model.judge(second, { key });
  await model.prove(second, { signingKey: key, passed: false });
  await hand.tagLastEvent("promotion.to", second);
  await hand.tagLastEvent("promotion.model_sha256", await model.digest(second));
  const { tags } = await model.version(second);
  for (const name of [
    "report",
    "report_sha256",
    "attestation",
    "champion",
    "policy_sha256",
    "evaluation_md5",
    "runtime",
  ])
    await hand.tagLastEvent(`promotion.${name}`, tags[`gate.${name}`] ?? "");
  for (const name of ["staging_report", "staging_report_sha256", "staging_attestation"])
    await hand.untagLastEvent(`promotion.${name}`);
  await hand.alias("production", second);
  await expect(model.ask(second, asked)).rejects.toThrow("staging's verdict: failed was signed");
});

test("calls the first promotion of a lower number a promotion", async () => {
  const { model } = await makeScene(mlflow.client);
  const third = await model.approved();
  await model.promote(third);
  await model.judge("2");
  await model.promote("2");
  const events = await readHistory(mlflow.client, model.name);
  expect(events.map(({ kind, to }) => `${kind} ${to}`)).toEqual(["promotion 1", "promotion 3", "promotion 2"]);
});

test("records a move once that two updates make at the same time", async () => {
  const { model } = await makeScene(mlflow.client);
  await model.prove("2", { environment: "production" });
  await Promise.all([model.promote("2"), model.promote("2")]);
  const events = await readHistory(mlflow.client, model.name);
  expect(events.map(({ kind, to }) => `${kind} ${to}`)).toEqual(["promotion 1", "promotion 2"]);
});

test("restores a deleted history before anything moves, and loses none of it", async () => {
  const { model, hand } = await makeScene(mlflow.client);
  await hand.deleteHistory();
  expect((await readHistory(mlflow.client, model.name)).map(({ to }) => to)).toEqual(["1"]);
  await model.promote("2");
  const events = await readHistory(mlflow.client, model.name);
  expect(events.map(({ kind, from, to }) => [kind, from, to])).toEqual([
    ["promotion", undefined, "1"],
    ["promotion", "1", "2"],
  ]);
});
