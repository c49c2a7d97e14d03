import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { pushedImage } from "../../deploy/pushed-image.ts";

const DIGEST = `sha256:${"a1".repeat(32)}`;
const URN = "urn:pulumi:fraud-staging::model-promotion::promotion:inference:InferenceService";

const state = (repoDigest: unknown, inputs = {}) => ({
  deployment: {
    resources: [
      { urn: `${URN}$docker:index/image:Image::mlflow-image`, outputs: { repoDigest: `mlflow@${DIGEST}` } },
      { urn: `${URN}$docker:index/image:Image::staging-image`, delete: true, outputs: { repoDigest: `old@${DIGEST}` } },
      { urn: `${URN}$docker:index/image:Image::staging-image`, inputs, outputs: { repoDigest } },
    ],
  },
});

test.each([
  ["ghcr.io/acme/churn", "ghcr.io", "ghcr.io/acme/churn"],
  ["localhost:5000/churn", "localhost:5000", "localhost:5000/churn"],
  ["docker.io/acme/churn", "docker.io", "index.docker.io/acme/churn"],
  ["acme/churn", "docker.io", "index.docker.io/acme/churn"],
])("the image %s that staging pushed is named for signing", (path, registry, name) => {
  expect(pushedImage(state(`${path}@${DIGEST}`))).toEqual({ registry, name, digest: DIGEST });
});

test("a stack that pushed nothing has no image to sign", () => {
  expect(pushedImage({})).toBeUndefined();
  expect(pushedImage(state("churn:1", { skipPush: true }))).toBeUndefined();
});

test("rejects an image without a digest or with an encrypted name", () => {
  expect(() => pushedImage(state("acme/churn:latest"))).toThrow(
    "acme/churn:latest is not an image by digest: expected <name>@sha256:<64 digits>",
  );
  expect(() => pushedImage(state({ ciphertext: "v1:x" }))).toThrow(
    "the image's name in the state is encrypted, because imageRegistryUsername is a secret. Set it without --secret",
  );
});

test("prints the image in the stack's state for GITHUB_OUTPUT", () => {
  const folder = mkdtempSync(join(tmpdir(), "pushed-image-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "state"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: p\nruntime: nodejs\n");
  const env = { ...process.env, PULUMI_BACKEND_URL: `file://${folder}/state`, PULUMI_CONFIG_PASSPHRASE: "x" };
  const run = (script: string, ...args: string[]) =>
    spawnSync(process.execPath, [resolve(script), ...args], { cwd: folder, env, encoding: "utf8" });
  const engine = (...args: string[]) => {
    const { status, stdout, stderr } = run("packages/engine/cli.ts", ...args);
    expect(status, stderr).toBe(0);
    return stdout;
  };
  engine("stack", "init", "s");
  const command = () => run("deploy/pushed-image-cli.ts", "--stack", "s", "--engine", "embedded", "--cwd", folder);
  expect(command()).toMatchObject({ status: 0, stdout: "", stderr: "pushed-image: stack s has pushed no image\n" });

  const exported = JSON.parse(engine("stack", "export", "--stack", "s"));
  const stack = { urn: "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s", type: "pulumi:pulumi:Stack", custom: false };
  const image = {
    urn: "urn:pulumi:s::p::pulumi:pulumi:Stack$docker:index/image:Image::staging-image",
    type: "docker:index/image:Image",
    custom: true,
    id: "i",
    parent: stack.urn,
    outputs: { repoDigest: `ghcr.io/acme/churn@${DIGEST}` },
  };
  exported.deployment.resources = [stack, image];
  writeFileSync(join(folder, "state.json"), JSON.stringify(exported));
  engine("stack", "import", "--stack", "s", "--file", join(folder, "state.json"));
  expect(command()).toMatchObject({
    status: 0,
    stdout: `registry=ghcr.io\nname=ghcr.io/acme/churn\ndigest=${DIGEST}\n`,
  });
});
