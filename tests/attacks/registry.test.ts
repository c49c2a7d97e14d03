// A registry, or someone who can write to it, returns other data than requested, half of it, or far too much.
import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { sha256 } from "../../registry/artifact-digest.ts";
import { attest, distrustVersion } from "../../registry/attestation/store.ts";
import { gateTags } from "../../registry/evidence.ts";
import { readHistory } from "../../registry/history.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { getModelVersion, getVersionByAlias, type ModelVersion } from "../../registry/model-versions.ts";
import { provider as promotion } from "../../registry/promotion-provider.ts";
import { json, serve } from "../helpers/http-server.ts";

const keys = generateKeyPairSync("ed25519");
const MODEL = "churn-model";
const ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts";

test("another version than was asked for: its signatures are right, and it is refused", async () => {
  // An older version, signed and proved, in the place of the one that mends it.
  await using registry = await serve((_, response) =>
    json(response, { model_version: { name: MODEL, version: "1", source: "mlflow-artifacts:/1/r/artifacts/model" } }),
  );
  const client = new MlflowClient({ trackingUri: registry.url });
  const refusal = `was asked for ${MODEL} version 7, but returned ${MODEL} version 1`;
  await expect(getModelVersion(client, MODEL, "7")).rejects.toThrow(refusal);
  const inputs = { registry: { trackingUri: registry.url }, modelName: MODEL, version: "7" };
  await expect(promotion.create(inputs)).rejects.toThrow(refusal);
  await expect(getVersionByAlias(client, "other-model", "production")).rejects.toThrow("but returned churn-model");
});

/** A version whose verdict is signed, and a registry that sends its files as `send` says. */
async function signedVersion(send: (name: string, content: Buffer) => Buffer) {
  const report = Buffer.from(JSON.stringify({ format: "gate-report/2", filler: "x".repeat(500) }));
  const predicate = {
    verdict: "passed",
    judgedAt: "2026-05-01T12:00:00Z",
    policySha256: "b".repeat(64),
    gitCommit: "unknown",
    evaluationMd5: "c".repeat(32),
    reportSha256: sha256(report),
  };
  const modelSha256 = "a".repeat(64);
  const envelope = attest({ modelName: MODEL, version: "1", modelSha256, predicate }, keys.privateKey);
  const files: Record<string, Buffer> = { "report.json": report, "gate.json": Buffer.from(JSON.stringify(envelope)) };
  let downloads = 0;
  const server = await serve(({ path }, response) => {
    const { pathname } = new URL(path, "http://registry");
    const name = pathname.split("/").at(-1) ?? "";
    const listing = Object.entries(files).map(([name, { length }]) => ({
      path: name,
      is_dir: false,
      file_size: length,
    }));
    if (pathname === ARTIFACTS) return json(response, { files: listing });
    downloads++;
    response.end(send(name, files[name] ?? Buffer.alloc(0)));
  });
  const root = "mlflow-artifacts:/1/r/artifacts/gate";
  const { policySha256, evaluationMd5, judgedAt } = predicate;
  const evidence = { summary: "s", modelSha256, policySha256, evaluationMd5, judgedAt, report: `${root}/report.json` };
  const version: ModelVersion = {
    name: MODEL,
    version: "1",
    runId: "r",
    stage: "None",
    status: "READY",
    source: "s",
    aliases: [],
    description: "",
    tags: gateTags({ verdict: "passed", ...evidence, attestation: `${root}/gate.json` }),
  };
  const client = new MlflowClient({ trackingUri: server.url }, { timeoutMs: 5_000, retries: 1 });
  return {
    downloads: () => downloads,
    distrust: () => distrustVersion(client, version, modelSha256, keys.publicKey),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

test("evidence as it was signed is trusted", async () => {
  await using registry = await signedVersion((_, content) => content);
  expect(await registry.distrust()).toEqual([]);
});

test.each(["report.json", "gate.json"])(
  "half of %s is not called forged: it is fetched again, then reported as incomplete",
  async (cut) => {
    let times = 1;
    const half = (name: string, content: Buffer) => (name === cut && times-- > 0 ? content.subarray(0, 99) : content);
    await using once = await signedVersion(half);
    expect(await once.distrust()).toEqual([]);
    expect(once.downloads()).toBe(3);
    times = 9;
    await expect(once.distrust()).rejects.toThrow(/did not complete its response .*received 99 bytes, expected \d+/);
  },
);

test("evidence as long as a disk takes no memory: it is refused at its limit", async () => {
  const endless = Buffer.alloc(65 * 2 ** 20);
  await using registry = await signedVersion((name, content) => (name === "report.json" ? endless : content));
  await expect(registry.distrust()).rejects.toThrow(/exceeds the limit of 67108864 bytes/);
});

test("ignores a move of the year 275760 in the history", async () => {
  await using registry = await serve((request, response) => {
    if (request.path.includes("experiments/get-by-name")) return json(response, { experiment: { experiment_id: "1" } });
    const { filter } = JSON.parse(request.body);
    const bound = Number(/start_time < (\d+)/.exec(filter)?.[1]);
    const runs = [1_700_000_000_000, 8_640_000_000_000_001].filter((at) => at < bound);
    const tags = [
      { key: "promotion.event", value: "promotion" },
      { key: "promotion.to", value: "1" },
    ];
    json(response, { runs: runs.map((start_time) => ({ info: { run_id: "r", start_time }, data: { tags } })) });
  });
  const events = await readHistory(new MlflowClient({ trackingUri: registry.url }), MODEL);
  expect(events).toMatchObject([{ to: "1", when: "2023-11-14T22:13:20.000Z" }]);
});
