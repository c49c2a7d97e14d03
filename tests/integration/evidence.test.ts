import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { copyFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { provider as modelFolder } from "../../infra/targets/local/model-folder-provider.ts";
import { uploadArtifact } from "../../registry/artifacts.ts";
import { versionAttestationPath } from "../../registry/attestation/folder-envelope.ts";
import { readGateEvidence } from "../../registry/evidence.ts";
import { createModelVersion, getModelVersion, setVersionTags } from "../../registry/model-versions.ts";
import { provider as promotion } from "../../registry/promotion-provider.ts";
import { whoAmI } from "../../registry/provenance.ts";
import { provider as stage } from "../../registry/registry-stage-provider.ts";
import { loadModel } from "../../service/model-source.ts";
import { readDvcPointer } from "../../training/dvc-pointer.ts";
import { provider as gate } from "../../training/gate/quality-gate-provider.ts";
import { temporaryFolder } from "../fixtures/training/pinned-csv.ts";
import { CHURN } from "../fixtures/training/recorded.ts";
import { proveDeployment } from "../helpers/registry/prove-deployment.ts";
import { testRegistry } from "../helpers/test-registry.ts";

// One story on one MLflow server: each test goes on where the one before it ended.
const run = promisify(execFile);
const modelName = "churn-model";
const keys = generateKeyPairSync("ed25519");
const signingKey = keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const gatePublicKey = keys.publicKey.export({ type: "spki", format: "pem" }).toString();

const mlflow = testRegistry();

const registry = () => ({ trackingUri: mlflow.url });
const environment = () => ({
  ...process.env,
  MLFLOW_TRACKING_URI: mlflow.url,
  MLFLOW_EXPERIMENT_NAME: "churn",
  MODEL_NAME: modelName,
  TRAINING_DATA: `${CHURN}/train.csv`,
  EVALUATION_DATA: `${CHURN}/evaluation.csv`,
  GITHUB_ACTOR: "ada",
});
const version = (number: string) => getModelVersion(mlflow.client, modelName, number);

/** Trains the next version, lets the gate judge it, and says that staging has verified it. */
async function candidate(number: string, min: number, key?: string) {
  await run(process.execPath, ["training/train.ts"], { env: environment() });
  await judge(number, min, key);
  await proveDeployment(mlflow.client, modelName, number, { signingKey });
}

const { md5: EVALUATION_MD5 } = await readDvcPointer(`${CHURN}/evaluation.csv.dvc`);
const judge = (number: string, min: number, key?: string) =>
  gate
    .create({
      registry: registry(),
      modelName,
      version: number,
      policy: { accuracy: { min } },
      evaluationMd5: EVALUATION_MD5,
      evaluationData: `${CHURN}/evaluation.csv`,
      ...(key && { signingKey: key }),
    })
    .catch((error: Error) => error.message);

const evaluateGuard = async (number: string, more: object = { gatePublicKey }) =>
  (await promotion.create({ registry: registry(), modelName, version: number, ...more })).outs;

const promote = async (number: string, more?: object) => {
  const outs = await evaluateGuard(number, more);
  await stage.create({ ...outs, version: number, environment: "production" });
  return outs;
};

async function history(...args: string[]) {
  const { stdout } = await run(process.execPath, ["deploy/history.ts", ...args], { env: environment() });
  return stdout.trim();
}

test("lets a signed version into production, and remembers it", async () => {
  expect(await history()).toBe("churn-model has no history yet");
  await candidate("1", 0.85, signingKey);
  const { modelSha256 } = await promote("1");
  const [event, ...more] = JSON.parse(await history("--json"));
  expect(more).toEqual([]);
  expect(event).toMatchObject({
    kind: "promotion",
    to: "1",
    why: "the gate passed it and staging verified it",
    modelSha256,
  });
  expect(event.policySha256).toMatch(/^[0-9a-f]{64}$/);
  expect(event.report).toMatch(/^mlflow-artifacts:.*\.json$/);
  const { model_version: described } = await mlflow.client.call<{ model_version: { description: string } }>(
    "GET",
    "mlflow/model-versions/get",
    { query: { name: modelName, version: "1" } },
  );
  expect(described.description).toMatch(/### ✅ Quality gate passed\n\n\*\*accuracy 0\.8975 &gt;= 0\.85 required/);
  const today = new Date().toISOString().slice(0, 10);
  expect(await history("--at", today)).toContain("churn-model: version 1 was in production at");
  expect(await history("--at", "2020-01-01")).toContain("nothing was in production");
});

test("refuses a version whose verdict is not signed, and remembers the refusal", async () => {
  await candidate("2", 0.85);
  await expect(promote("2")).rejects.toThrow("signature: the gate's verdict is not signed");
  expect(JSON.parse(await history("--json")).at(-1)).toMatchObject({ kind: "refusal", from: "1", to: "2" });
  expect(await history("--at", new Date().toISOString().slice(0, 10))).toContain("version 1 was in production");
  await expect(evaluateGuard("2", {})).resolves.toMatchObject({ approvedVersion: "2" });
});

test("refuses a forged verdict, policy, report or signature by name", async () => {
  await judge("2", 0.85, signingKey);
  const good = (await version("2")).tags;
  const name = { name: modelName, version: "2" };
  for (const [tag, value, reason] of [
    ["gate.policy_sha256", "0".repeat(64), /policy: \w+ was signed/],
    ["gate.evaluation_md5", "0".repeat(32), /evaluation data: \w+ was signed/],
    ["gate.attestation", (await version("1")).tags["gate.attestation"] ?? "", /model version: \S+ was signed/],
  ] as const) {
    await setVersionTags(mlflow.client, name, { [tag]: value });
    await expect(promote("2")).rejects.toThrow(reason);
    await setVersionTags(mlflow.client, name, { [tag]: good[tag] ?? "" });
  }
  const [, folder = "", file = ""] = /^(.*)\/(.*)$/.exec(good["gate.report"] ?? "") ?? [];
  await uploadArtifact(mlflow.client, folder, `${file}.forged`, '{"verdict":"passed"}');
  await setVersionTags(mlflow.client, name, { "gate.report": `${folder}/${file}.forged` });
  await expect(promote("2")).rejects.toThrow(/report: \w+ was signed/);
  await setVersionTags(mlflow.client, name, { "gate.report": good["gate.report"] ?? "" });
  // A failed version whose tag was edited to "passed".
  await judge("2", 0.99, signingKey);
  await setVersionTags(mlflow.client, name, { "gate.verdict": "passed" });
  await expect(promote("2")).rejects.toThrow("verdict: the signed verdict is failed");
  const other = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString();
  await expect(promote("1", { gatePublicKey: other })).rejects.toThrow("was not made with the configured key");
});

test("an override lets a failed version pass for a reason that is remembered, but no unjudged one", async () => {
  await judge("2", 0.99);
  const inAnHour = new Date(Date.now() + 3.6e6).toISOString();
  const override = { version: "2", reason: "outage of version 1", who: "ada", expires: inAnHour };
  await expect(promote("2", { override: { ...override, expires: "2026-01-01T00:00:00Z" } })).rejects.toThrow(
    "promotion.override by ada expired on 2026-01-01T00:00:00Z",
  );
  await expect(promote("2", { override: { ...override, version: "1" } })).rejects.toThrow("its quality gate failed");
  await promote("2", { override });
  // It already is in production: an update without a change records no event.
  await promote("1", {});
  const events = JSON.parse(await history("--json"));
  expect(events.at(-1)).toMatchObject({ kind: "rollback", from: "2", to: "1", who: whoAmI() });
  await promote("2", { override });
  const last = JSON.parse(await history("--json")).at(-1);
  expect(last).toMatchObject({ kind: "override", from: "1", to: "2", why: expect.stringContaining(override.reason) });
  await run(process.execPath, ["training/train.ts"], { env: environment() });
  await expect(promote("3", { override: { ...override, version: "3" } })).rejects.toThrow(
    "the quality gate has not judged it: run `pulumi up -s <staging's stack>` on it first (promotion.override cannot override",
  );
});

test("taking production down ends what was in production", async () => {
  await stage.delete("", { registry: registry(), modelName, version: "2", environment: "production" });
  expect(JSON.parse(await history("--json")).at(-1)).toMatchObject({ kind: "removal", from: "2" });
});

test("the service starts with a signed model only, from a folder as from the registry", async () => {
  const folder = await temporaryFolder();
  const sha256 = readGateEvidence(await version("1"))?.modelSha256 ?? "";
  const { outs } = await modelFolder.create({
    registry: registry(),
    modelName,
    version: "1",
    sha256,
    folder,
    gatePublicKey,
  });
  const request = { uri: outs.path, cache: join(folder, "cache"), name: modelName, version: "1", gatePublicKey };
  const expected = { name: modelName, version: "1", sha256 };
  expect(await loadModel(request)).toMatchObject(expected);
  await expect(loadModel({ ...request, version: "2" })).rejects.toThrow("signature: the gate's verdict is not signed");
  const [own, others] = ["1", "2"].map((version) => versionAttestationPath(outs.path, { name: modelName, version }));
  await copyFile(own ?? "", others ?? "");
  await expect(loadModel({ ...request, version: "2" })).rejects.toThrow(
    "model version: models:/churn-model/1 was signed",
  );
  await writeFile(join(outs.path, "more.txt"), "x");
  await expect(loadModel(request)).rejects.toThrow(/artifact: \w{64} was signed, but it is \w{64}/);
  await rename(own ?? "", `${outs.path}.gone`);
  await expect(loadModel(request)).rejects.toThrow("signature: the gate's verdict is not signed");
  process.env.MLFLOW_TRACKING_URI = mlflow.url;
  try {
    const { name: _name, version: _version, ...fromRegistry } = request;
    expect(await loadModel({ ...fromRegistry, uri: "models:/churn-model/1" })).toMatchObject(expected);
    await expect(loadModel({ ...fromRegistry, uri: "models:/churn-model/2" })).rejects.toThrow("is not signed");
  } finally {
    delete process.env.MLFLOW_TRACKING_URI;
  }
});

test("two versions of identical files are served side by side, each by its own signed verdict", async () => {
  const folder = await temporaryFolder();
  const first = await version("1");
  const twin = await createModelVersion(mlflow.client, { name: modelName, source: first.source, runId: first.runId });
  for (const number of ["1", twin.version]) await judge(number, 0.85, signingKey);
  const sha256 = readGateEvidence(await version("1"))?.modelSha256 ?? "";
  const fetch = (number: string) =>
    modelFolder.create({ registry: registry(), modelName, version: number, sha256, folder, gatePublicKey });
  const load = (number: string, uri: string) =>
    loadModel({ uri, cache: join(folder, "cache"), name: modelName, version: number, gatePublicKey });
  const [ofFirst, ofTwin] = [await fetch("1"), await fetch(twin.version)];
  expect(ofTwin.outs.path).toBe(ofFirst.outs.path);
  // As when both start again after the other one has come.
  expect(await load("1", ofFirst.outs.path)).toMatchObject({ version: "1", sha256 });
  expect(await load(twin.version, ofTwin.outs.path)).toMatchObject({ version: twin.version, sha256 });
  // An unsigned third version takes nothing from them, and gets nothing of theirs.
  const unsigned = await createModelVersion(mlflow.client, {
    name: modelName,
    source: first.source,
    runId: first.runId,
  });
  await judge(unsigned.version, 0.85);
  const third = await fetch(unsigned.version);
  await expect(load(unsigned.version, third.outs.path)).rejects.toThrow("signature: the gate's verdict is not signed");
  expect(await load("1", ofFirst.outs.path)).toMatchObject({ version: "1" });
});
