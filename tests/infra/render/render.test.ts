import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeManifests } from "../../../infra/render/manifest-files.ts";
import { type Manifest, manifestsOf, runStack } from "../../../infra/render/render-stack.ts";
import { readStackConfig } from "../../../infra/render/stack-config.ts";

const run = promisify(execFile);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "render-"));
  await writeFile(join(folder, "Pulumi.yaml"), PROJECT);
  await writeFile(join(folder, "Pulumi.staging.yaml"), STACK);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const PROJECT = `
name: model-promotion
config:
  environment: { type: string }
  modelName: { type: string, default: churn-model }
  data: { default: { training: training/data/churn/train.csv, evaluation: training/data/churn/evaluation.csv } }
  training: { default: {} }
  promotion: { default: {} }
  local: { default: {} }
`;
const STACK = `
config:
  model-promotion:environment: staging
  model-promotion:gate: { accuracy: { min: 0.85 } }
  model-promotion:service: { port: 8000 }
  model-promotion:mlflow: { backendStoreUri: { secure: AAAB }, artifactRoot: s3://bucket/mlflow }
  model-promotion:serviceApiToken: { secure: AAAB }
`;

test("a stack whose secrets are encrypted is rendered without its passphrase", async () => {
  const config = await readStackConfig("staging", folder);
  expect(config.secretKeys).toEqual(["model-promotion:mlflow", "model-promotion:serviceApiToken"]);
  const manifests = manifestsOf(await runStack("staging", config));
  const secrets = manifests.filter(({ kind }) => kind === "Secret").map(({ stringData }) => stringData);
  expect(secrets).toEqual([
    { API_TOKEN: "(secret-not-decrypted)" },
    { MLFLOW_BACKEND_STORE_URI: "postgresql+psycopg2://secret.invalid/mlflow" },
  ]);
}, 60_000);

test("removes the files of an earlier render, and no others", async () => {
  const out = join(folder, "out");
  const configMap = (hash: string): Manifest => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: `a-${hash}` },
  });
  await writeManifests(out, [configMap("0123456789"), configMap("1123456789")]);
  await writeFile(join(out, "kustomization.yaml"), "");
  await writeManifests(out, [configMap("2123456789")]);
  expect((await readdir(out)).sort()).toEqual(["01-configmap-a-2123456789.yaml", "kustomization.yaml"]);
});

test.each([
  [["nowhere"], "cannot read ./Pulumi.nowhere.yaml: run the command in the project's folder"],
  [["staging", "--image", "service:latest"], "kubernetes.image must name an image by digest"],
  [["staging", "--outt", "x"], "Unknown option '--outt'"],
])(
  "npm run render -- %j ends with 1 and says: %s",
  async (args, message) => {
    const ended = run(process.execPath, ["infra/render/render.ts", ...args]).catch((error: unknown) => error);
    expect(await ended).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(message) });
  },
  60_000,
);

test("rendering does not warn about keys that are not set", async () => {
  const { stderr } = await run(process.execPath, ["infra/render/render.ts", "production", "--version", "1"]);
  expect(stderr).not.toContain("does not read it");
  expect(stderr).toMatch(/\d+ objects of stack production/);
}, 60_000);
