import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sha256 } from "../../registry/artifact-digest.ts";
import { downloadArtifact, downloadModel, uploadArtifact } from "../../registry/artifacts.ts";
import { environmentTags, gateTags, readDeploymentEvidence, readGateEvidence } from "../../registry/evidence.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import {
  createModelVersion,
  getModelVersion,
  getVersionByAlias,
  setVersionTags,
} from "../../registry/model-versions.ts";
import { provider as promotion } from "../../registry/promotion-provider.ts";
import { getRun } from "../../registry/runs.ts";
import { openPredictor } from "../../service/predictor/predictor.ts";
import { CHURN } from "../fixtures/training/recorded.ts";
import { makeProject, PASSPHRASE, type Project, type Ran } from "../helpers/project.ts";
import { floatTable, readClasses } from "../service/helpers/tables.ts";
import { type Canaries, found, foundInFiles, watchProcesses } from "./helpers/canaries.ts";

// One story on one whole system: each test goes on where the one before it ended.
const MODEL = "churn-model";
const WARNING = "no gatePublicKey is configured: anyone who can write tags to the registry can forge a gate's verdict";
const keys = generateKeyPairSync("ed25519");
const signingKey = keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const gatePublicKey = keys.publicKey.export({ type: "spki", format: "pem" }).toString();
const secret = (name: string) => `canary-${name}-4711-of-a-test`;
const SECRETS: Readonly<Record<string, string>> = {
  mlflowToken: secret("token"),
  mlflowUsername: secret("user"),
  mlflowPassword: secret("password"),
  serviceApiToken: secret("api"),
  imageRegistryUsername: secret("registry-user"),
  imageRegistryPassword: secret("registry"),
  mlflowAwsAccessKeyId: secret("aws-id"),
  mlflowAwsSecretAccessKey: secret("aws"),
  gateSigningKey: signingKey,
};
/** Each call of the engine takes its time: those that production's program reads on this target. */
const IN_PRODUCTION = ["mlflowToken", "serviceApiToken"];
const CANARIES: Canaries = { ...SECRETS, gateSigningKey: signingKey.split("\n")[1] ?? "", passphrase: PASSPHRASE };

let project: Project;
let client: MlflowClient;
let first: Ran;
let preview: Ran;
let trainersEnvironment: string;
let processes: ReturnType<ReturnType<typeof watchProcesses>["stop"]>;
beforeAll(async () => {
  project = await makeProject();
  client = new MlflowClient({ trackingUri: project.trackingUri });
  for (const stack of ["staging", "production"])
    for (const [key, value] of Object.entries(SECRETS))
      if (stack === "staging" || IN_PRODUCTION.includes(key))
        await project.pulumi("config", "set", "--secret", "--stack", stack, "--", key, value);
  await project.set("staging", "gate.accuracy.min", "0.85");
  await project.set("production", "promotion.version", "1");
  // A trainer that looks around.
  const loot = await mkdtemp(join(tmpdir(), "loot-"));
  await project.set("staging", "training.command", `env > ${loot}/env; node training/train.ts`);
  const watch = watchProcesses(CANARIES);
  first = await project.pulumi("up", "--yes", "--non-interactive", "--diff", "--stack", "staging");
  preview = await project.pulumi("preview", "--json", "--non-interactive", "--stack", "production");
  processes = watch.stop();
  trainersEnvironment = await readFile(join(loot, "env"), "utf8");
  await rm(loot, { recursive: true });
});
afterAll(() => project?.remove());

const version = (number: string) => getModelVersion(client, MODEL, number);

test("secrets: the canaries are there to be found", () => {
  expect(Object.keys(SECRETS)).toEqual(expect.arrayContaining(["mlflowToken", "gateSigningKey", "serviceApiToken"]));
  expect(found(CANARIES, `x ${SECRETS.mlflowToken} y`)).toEqual(["mlflowToken"]);
  expect(found(CANARIES, Buffer.from(`Basic ${Buffer.from(SECRETS.mlflowPassword ?? "").toString("base64")}`))).toEqual(
    ["mlflowPassword"],
  );
  expect(first.exitCode, first.output).toBe(0);
});

test("secrets: one on a command line is visible to other users", async () => {
  const watch = watchProcesses({ shown: "canary-on-a-command-line" });
  await promisify(execFile)(process.execPath, ["-e", "setTimeout(() => {}, 500)", "canary-on-a-command-line"]);
  expect(watch.stop().found).toEqual([expect.stringMatching(/^shown in .*node/)]);
});

test("secrets: none in what up and preview say", () => {
  expect(first.output).toContain("+ pulumi-nodejs:dynamic/promotion:QualityGate");
  expect(preview.exitCode, preview.output).toBe(0);
  expect(found(CANARIES, first.output)).toEqual([]);
  expect(found(CANARIES, preview.output)).toEqual([]);
});

test("secrets: none in state, history, config, logs, MLflow's database, params, tags, reports", async () => {
  const { files, found: hits } = await foundInFiles(CANARIES, project.folder);
  for (const file of [
    /\/state\/\.pulumi\/stacks\/model-promotion\/staging\.json$/,
    /\/state\/\.pulumi\/history\/.*\.json$/,
    /\/Pulumi\.staging\.yaml$/,
    /\.log$/,
    /\.db$/,
    /\/artifacts\/gate\/report.*\.json$/,
  ])
    expect(files).toContainEqual(expect.stringMatching(file));
  expect(hits).toEqual([]);
});

test("secrets: none on any command line while all of it ran", () => {
  expect(processes.looks).toBeGreaterThan(50);
  expect(processes.found).toEqual([]);
});

test("secrets: a trainer is given the registry's and nothing that opens the stack's state or signs", () => {
  expect(trainersEnvironment).toContain(`MLFLOW_TRACKING_TOKEN=${SECRETS.mlflowToken}`);
  expect(found(CANARIES, trainersEnvironment).toSorted()).toEqual(["mlflowPassword", "mlflowToken", "mlflowUsername"]);
});

test("serviceApiToken: the service rejects requests without it, on target local as well", async () => {
  const ask = (headers: Record<string, string>) =>
    fetch(`http://127.0.0.1:${project.ports.staging}/predict`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ features: [new Array(10).fill(0)] }),
    }).then(({ status }) => status);
  expect(await ask({})).toBe(401);
  expect(await ask({ authorization: `Bearer ${secret("api").slice(0, -1)}x` })).toBe(401);
  expect(await ask({ authorization: `Bearer ${SECRETS.serviceApiToken}` })).toBe(200);
});

/** Another trainer's model, on which it writes what gate and staging would have written. */
async function registerForged(): Promise<void> {
  const env = {
    ...{ ...process.env, MLFLOW_TRACKING_URI: project.trackingUri, MLFLOW_EXPERIMENT_NAME: "other", MODEL_NAME: MODEL },
    ...{
      TRAINING_DATA: `${CHURN}/train.csv`,
      EVALUATION_DATA: `${CHURN}/evaluation.csv`,
      TRAINING_PARAMS: '{"C":0.0001}',
    },
  };
  await promisify(execFile)(process.execPath, ["training/train.ts"], { env });
  const forged = await version("2");
  const { artifactUri } = await getRun(client, forged.runId);
  const folder = await mkdtemp(join(tmpdir(), "forged-"));
  const modelSha256 = await downloadModel(client, forged, join(folder, "model"));
  const real = readGateEvidence(await version("1"));
  const proof = readDeploymentEvidence(await version("1"), "staging");
  if (!real || !proof) throw new Error("version 1 has no evidence to copy");
  const [, at = "", file = ""] = /^(.*)\/(.*)$/.exec(real.report) ?? [];
  const report = JSON.parse(new TextDecoder().decode(await downloadArtifact(client, at, file)));
  const predictor = await openPredictor(join(folder, "model"));
  for (const sample of report.samples) {
    const { labels, scores } = readClasses(await predictor.predict(floatTable(predictor, [sample.features])));
    Object.assign(sample, { label: labels[0], positive: scores?.[1] });
  }
  await predictor.close();
  await rm(folder, { recursive: true });
  Object.assign(report.model, { version: "2", sha256: modelSha256, trustedSha256: modelSha256 });
  const gateReport = JSON.stringify(report);
  await uploadArtifact(client, artifactUri, "gate/forged.json", gateReport);
  const [, place = "", name = ""] = /^(.*)\/(.*)$/.exec(proof.report) ?? [];
  const check = JSON.parse(new TextDecoder().decode(await downloadArtifact(client, place, name)));
  const stagingReport = JSON.stringify({ ...check, version: "2", modelSha256 });
  await uploadArtifact(client, artifactUri, "staging/forged.json", stagingReport);
  const gate = { report: `${artifactUri}/gate/forged.json`, reportSha256: sha256(gateReport), attestation: "" };
  const staging = {
    report: `${artifactUri}/staging/forged.json`,
    reportSha256: sha256(stagingReport),
    attestation: "",
  };
  await setVersionTags(client, forged, {
    ...gateTags({ ...real, modelSha256, ...gate }),
    ...environmentTags("staging", { ...proof, modelSha256, ...staging }),
  });
}

test("forged evidence of another trainer, reports and all, signature off: production warns at every up", async () => {
  await registerForged();
  await project.set("production", "promotion.version", "2");
  const ups = [await project.up("production"), await project.up("production")];
  for (const { exitCode, output } of ups) {
    expect(exitCode, output).toBe(0);
    expect(output).toContain(WARNING);
  }
});

test("forged evidence of another trainer, reports and all, signature on: production refuses, nothing is warned, what served before serves", async () => {
  await project.set("production", "promotion.version", "1");
  await project.pulumi("config", "set", "--stack", "production", "--", "gatePublicKey", gatePublicKey);
  const good = await project.up("production");
  expect(good.exitCode, good.output).toBe(0);
  expect(good.output).not.toContain(WARNING);
  await project.set("production", "promotion.version", "2");
  const { exitCode, output } = await project.up("production");
  expect(exitCode, output).toBe(1);
  expect(output).toContain("promotion of churn-model version 2 to production refused:");
  expect(output).toContain("signature: the gate's verdict is not signed");
  expect(output).toContain("signature: staging's evidence is not signed");
  expect((await getVersionByAlias(client, MODEL, "production"))?.version).toBe("1");
  const health = await (await fetch(`http://127.0.0.1:${project.ports.production}/health`)).json();
  expect(health).toMatchObject({ version: "1" });
});

const promote = (number: string, more: object = {}) =>
  promotion.create({
    ...{ registry: { trackingUri: project.trackingUri }, modelName: MODEL, version: number, gatePublicKey },
    override: {
      ...{ version: number, reason: "the attacker can set this one, too", who: "an attacker" },
      expires: new Date(Date.now() + 3_600_000).toISOString(),
    },
    ...more,
  });

/** Tags that are put back when the attack is over. */
async function tagged(number: string, tags: Record<string, string>, attack: () => Promise<unknown>) {
  const before = await version(number);
  await setVersionTags(client, before, tags);
  try {
    await attack();
  } finally {
    const back = Object.keys(tags).map((tag) => [tag, before.tags[tag] ?? ""]);
    await setVersionTags(client, before, Object.fromEntries(back));
  }
}

test("re-tagged artifact: another version's signatures on a forged one, or none, are refused, whatever the override says", async () => {
  // One that staging has verified and production has never had.
  await project.set("staging", "training.params.C", "0.5");
  const { exitCode, output } = await project.up("staging");
  expect(exitCode, output).toBe(0);
  await expect(promote("3")).resolves.toMatchObject({ outs: { approvedVersion: "3" } });
  const good = (await version("3")).tags;
  const copied = {
    "gate.attestation": good["gate.attestation"] ?? "",
    "staging.attestation": good["staging.attestation"] ?? "",
  };
  expect(Object.values(copied).every((uri) => uri.startsWith("mlflow-artifacts:"))).toBe(true);
  // Registered once more, since version 2 was in production and is judged by what it was promoted with.
  const { source, runId, tags } = await version("2");
  const forged = await createModelVersion(client, { name: MODEL, source, runId, tags: { ...tags, ...copied } });
  await expect(promote(forged.version)).rejects.toThrow(/model version: models:\/churn-model\/3 was signed/);
  for (const tag of Object.keys(copied))
    await tagged("3", { [tag]: "" }, () => expect(promote("3")).rejects.toThrow("is not signed"));
  // The gate's envelope does not count as staging's, nor the other way round.
  const [gate = "", staging = ""] = Object.values(copied);
  await tagged("3", { "staging.attestation": gate }, () =>
    expect(promote("3")).rejects.toThrow("staging's attestation is rejected"),
  );
  await tagged("3", { "gate.attestation": staging }, () =>
    expect(promote("3")).rejects.toThrow("the gate's attestation is rejected"),
  );
});

test("swapped image: another one than staging signed is refused, also where nothing else is claimed", async () => {
  const image = `attacker.example/churn@sha256:${"e".repeat(64)}`;
  await tagged("3", { "staging.image": image }, () =>
    expect(promote("3", { needsImage: true })).rejects.toThrow(`staging's image: none was signed, but it is ${image}`),
  );
  await tagged("2", { "staging.image": image, "staging.attestation": "" }, () =>
    expect(promote("2", { needsImage: true })).rejects.toThrow("staging's evidence is not signed"),
  );
});

test("hostile tags: a verdict with escapes and line ends forges no line on the operator's terminal", async () => {
  const evil = "failed\n\u001b[2K\u001b[1A  promotion of churn-model passed";
  await tagged("3", { "gate.verdict": "failed", "gate.summary": evil }, async () => {
    const message = await promote("3", { gatePublicKey: undefined, override: undefined }).catch(
      (error: Error) => error.message,
    );
    expect(message).toContain("\\u000a\\u001b[2K");
    expect(message).not.toContain("\u001b");
  });
  const env = { ...process.env, MLFLOW_TRACKING_URI: project.trackingUri };
  const { stdout } = await promisify(execFile)(process.execPath, ["deploy/history.ts"], { env });
  expect(stdout).toContain("promotion of churn-model passed");
  expect(stdout).not.toContain("\u001b");
  for (const line of stdout.trim().split("\n")) expect(line).toMatch(/^\d{4}-\d\d-\d\dT/);
});

test("swapped artifact: files changed in the registry after they were approved go nowhere", async () => {
  const { source } = await version("3");
  const stolen = await readFile("tests/fixtures/skl2onnx/tensor/model.onnx");
  await uploadArtifact(client, source, "model.onnx", new Uint8Array(stolen));
  for (const more of [{}, { gatePublicKey: undefined }])
    await expect(promote("3", more)).rejects.toThrow("its files are not the ones that the quality gate judged");
  const health = await (await fetch(`http://127.0.0.1:${project.ports.production}/health`)).json();
  expect(health).toMatchObject({ version: "1" });
  // Forged for the new files as well, it is still refused with the key.
  const folder = await mkdtemp(join(tmpdir(), "swapped-"));
  const modelSha256 = await downloadModel(client, await version("3"), join(folder, "model"));
  await rm(folder, { recursive: true });
  await tagged("3", { "gate.model_sha256": modelSha256, "staging.model_sha256": modelSha256 }, () =>
    expect(promote("3")).rejects.toThrow(/artifact: \w{64} was signed, but it is \w{64}/),
  );
});
