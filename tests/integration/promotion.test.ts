import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { downloadEvidence } from "../../registry/artifacts.ts";
import { readDeploymentEvidence, readGateEvidence } from "../../registry/evidence.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import {
  createModelVersion,
  getModelVersion,
  getVersionByAlias,
  searchModelVersions,
} from "../../registry/model-versions.ts";
import { HealthAnswer } from "../../service/contract.ts";
import { makeProject, type Project } from "../helpers/project.ts";

// One story on one MLflow server: each test goes on where the one before it ended.
let project: Project;
let client: MlflowClient;
beforeAll(async () => {
  project = await makeProject();
  client = new MlflowClient({ trackingUri: project.trackingUri });
});
afterAll(() => project?.remove());

const MODEL = "churn-model";
const version = (number: string) => getModelVersion(client, MODEL, number);
const health = async (environment: "staging" | "production") =>
  HealthAnswer.parse(await (await fetch(`http://127.0.0.1:${project.ports[environment]}/health`)).json());
const instance = async (environment: "staging" | "production") =>
  readFile(join(project.dataFolder, "processes", `model-promotion.${environment}.churn-model.pid`), "utf8");
const alias = async (name: string) => (await getVersionByAlias(client, MODEL, name))?.version;

it("blocks staging when the gate fails, and leaves the version registered with its verdict", async () => {
  const { exitCode, output } = await project.up("staging");
  expect(exitCode, output).toBe(1);
  expect(output).toContain("quality gate failed for churn-model version 1: accuracy 0.8975 < 0.90 required");
  expect(readGateEvidence(await version("1"))).toMatchObject({ verdict: "failed" });
  expect(await alias("staging")).toBeUndefined();
  await expect(health("staging")).rejects.toThrow();
});

it("refuses to promote a version whose gate failed, with every reason", async () => {
  await project.set("production", "mlflow.trackingUri", project.trackingUri);
  const { exitCode, output } = await project.up("production");
  expect(exitCode, output).toBe(1);
  expect(output).toContain("promotion of churn-model version 1 to production refused:");
  expect(output).toContain("its quality gate failed: accuracy 0.8975 < 0.90 required");
  expect(output).toContain("staging has not verified it");
  await expect(health("production")).rejects.toThrow();
});

it("shows in a preview that a lower bound gives a new verdict, and trains nothing", async () => {
  await project.set("staging", "gate.accuracy.min", "0.85");
  const { exitCode, output } = await project.pulumi("preview", "--diff", "--non-interactive", "--stack", "staging");
  expect(exitCode, output).toBe(0);
  expect(output).toContain("min: 0.85");
  expect(output).toContain(
    "expected verdict for churn-model version 1 with this policy: passed: accuracy 0.8975 >= 0.85 required",
  );
  expect(readGateEvidence(await version("1"))).toMatchObject({ verdict: "failed" });
  expect(output).not.toContain("[replace]");
});

it("serves an approved version in staging, proves it and marks it", async () => {
  const { exitCode, output } = await project.up("staging");
  expect(exitCode, output).toBe(0);
  expect(await searchModelVersions(client, MODEL)).toHaveLength(1);
  const found = await version("1");
  expect(found).toMatchObject({ stage: "Staging" });
  const digest = readGateEvidence(found)?.modelSha256;
  expect(await health("staging")).toMatchObject({ stage: "Staging", version: "1", sha256: digest });
  expect(readDeploymentEvidence(found, "staging")).toMatchObject({ verdict: "passed", modelSha256: digest });
  expect(await alias("staging")).toBe("1");
});

it("records what the gate measured with what was proved, by name", async () => {
  const { report = "" } = readDeploymentEvidence(await version("1"), "staging") ?? {};
  const { metrics } = JSON.parse(new TextDecoder().decode(await downloadEvidence(client, report)));
  expect(metrics).toMatchObject({ accuracy: 0.8975, roc_auc: expect.any(Number) });
  const { deployment } = await project.state("staging");
  const outputs = (name: string) => deployment.resources.find(({ urn }) => urn.endsWith(`::${name}`))?.outputs;
  expect(outputs("staging-check")?.metrics).toEqual(metrics);
  expect(outputs("churn-model-gate")?.metrics).toEqual({ accuracy: 0.8975 });
});

it("promotes the very files that staging verified, with the registry's URL from staging's outputs", async () => {
  await project.pulumi("config", "rm", "--path", "mlflow.trackingUri", "--stack", "production");
  const { exitCode, output } = await project.up("production");
  expect(exitCode, output).toBe(0);
  const [staging, production] = [await health("staging"), await health("production")];
  expect(production).toEqual({ ...staging, stage: "Production" });
  expect(await version("1")).toMatchObject({ stage: "Production" });
  expect(await alias("production")).toBe("1");
});

it("changes nothing when it runs again", async () => {
  for (const stack of ["staging", "production"]) {
    const { exitCode, output } = await project.up(stack, "--expect-no-changes");
    expect(exitCode, output).toBe(0);
  }
});

it("moves staging on to a retrained version and leaves production where the registry says", async () => {
  const before = await instance("production");
  await project.set("staging", "training.params.C", "0.1");
  const { exitCode, output } = await project.up("staging");
  expect(exitCode, output).toBe(0);
  expect(await health("staging")).toMatchObject({ version: "2" });
  expect(await health("production")).toMatchObject({ version: "1" });
  expect(await instance("production")).toBe(before);
  expect([await alias("staging"), await alias("production")]).toEqual(["2", "1"]);
});

it("leaves the running staging untouched when a new version fails its gate", async () => {
  const before = await instance("staging");
  await project.set("staging", "gate.accuracy.min", "0.99");
  await project.set("staging", "training.params.C", "0.5");
  const { exitCode, output } = await project.up("staging");
  expect(exitCode, output).toBe(1);
  expect(readGateEvidence(await version("3"))).toMatchObject({ verdict: "failed" });
  expect(await health("staging")).toMatchObject({ version: "2" });
  expect(await instance("staging")).toBe(before);
  expect(await alias("staging")).toBe("2");
});

it("refuses to promote a version that no gate has judged", async () => {
  const { source, runId } = await version("1");
  const ungated = await createModelVersion(client, { name: MODEL, source, runId });
  await project.set("production", "promotion.version", ungated.version);
  const preview = await project.pulumi("preview", "--non-interactive", "--stack", "production");
  expect(preview.output).toMatch(
    /warning: expected refusal: promotion of churn-model version \d+ to production refused:/,
  );
  const { exitCode, output } = await project.up("production");
  expect(exitCode, output).toBe(1);
  expect(output).toContain("the quality gate has not judged it");
  expect(await health("production")).toMatchObject({ version: "1" });
});

it("rolls forward and back by naming a version", async () => {
  for (const number of ["2", "1"]) {
    await project.set("production", "promotion.version", number);
    const { exitCode, output } = await project.up("production");
    expect(exitCode, output).toBe(0);
    expect(await health("production")).toMatchObject({ version: number });
    expect(await alias("production")).toBe(number);
  }
});

it("keeps a secret out of state and output", async () => {
  const canary = "canary-7f3a91";
  const set = await project.pulumi("config", "set", "--secret", "mlflowToken", canary, "--stack", "production");
  expect(set.exitCode, set.output).toBe(0);
  const { exitCode, output } = await project.up("production", "--diff");
  expect(exitCode, output).toBe(0);
  const preview = await project.pulumi("preview", "--diff", "--json", "--stack", "production");
  const state = await readFile(join(project.folder, "state/.pulumi/stacks/model-promotion/production.json"), "utf8");
  const config = await readFile(join(project.folder, "Pulumi.production.yaml"), "utf8");
  expect(config).toMatch(/model-promotion:mlflowToken:\s+secure: v1:/);
  expect(preview.exitCode, preview.output).toBe(0);
  expect(state).toContain('"ciphertext"');
  for (const text of [set.output, output, preview.output, state, config]) expect(text).not.toContain(canary);
});

it("refuses an artifact that was tampered with after its gate, at promotion", async () => {
  const { source } = await version("2");
  const file = join(project.dataFolder, "artifacts", source.replace("mlflow-artifacts:/", ""), "model.onnx");
  const good = await readFile(file);
  const digest = readGateEvidence(await version("2"))?.modelSha256;
  const bad = Buffer.from(good);
  bad.writeUInt8(bad.readUInt8(bad.length - 9) ^ 1, bad.length - 9);
  await writeFile(file, bad);
  try {
    await project.set("production", "promotion.version", "2");
    const promotion = await project.up("production");
    expect(promotion.exitCode, promotion.output).toBe(1);
    expect(promotion.output).toContain(`its files are not the ones that the quality gate judged: sha256 was ${digest}`);
    expect(await health("production")).toMatchObject({ version: "1" });
  } finally {
    await writeFile(file, good);
    await project.set("production", "promotion.version", "1");
  }
});
