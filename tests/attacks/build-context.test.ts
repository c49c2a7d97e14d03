import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { imageSettings } from "../../infra/targets/docker/docker-settings.ts";
import { assembleContext } from "../../infra/targets/docker/image-context.ts";
import { digestFolder } from "../../registry/artifact-digest.ts";
import { temporaryFolder } from "../fixtures/training/pinned-csv.ts";
import { json, serve } from "../helpers/http-server.ts";
import { mockedProduction, mockedStaging } from "../infra/docker/docker-program.ts";
import { ASSUMED, EVERYTHING, render } from "../infra/kubernetes/render.ts";
import { type Canaries, found, foundInFiles } from "./helpers/canaries.ts";

const CANARIES: Canaries = Object.fromEntries(
  [
    "mlflowToken",
    "serviceApiToken",
    "imageRegistryUsername",
    "imageRegistryPassword",
    "mlflowAwsAccessKeyId",
    "mlflowAwsSecretAccessKey",
    "gateSigningKey",
  ].map((key) => [key, `canary-${key}-4711`]),
);

test("secrets: neither the registry's nor those of the environment are in an image's build context or its Dockerfile's arguments", async () => {
  for (const [name, canary] of Object.entries(CANARIES)) vi.stubEnv(`CANARY_${name.toUpperCase()}`, canary);
  onTestFinished(() => void vi.unstubAllEnvs());
  const folder = await temporaryFolder();
  const model = join(folder, "empty");
  await mkdir(model);
  await using registry = await serve(({ path }, response) => {
    if (path.includes("/artifacts?"))
      return json(response, { files: [{ path: "MLmodel", is_dir: false, file_size: 2 }] });
    if (path.includes("/artifacts/")) return response.end("{}");
    json(response, { model_version: { name: "churn-model", version: "1", source: "mlflow-artifacts:/1/model" } });
  });
  await writeFile(join(model, "MLmodel"), "{}");
  const request = {
    modelName: "churn-model",
    version: "1",
    sha256: await digestFolder(model),
    folder: join(folder, "contexts"),
    registry: { trackingUri: registry.url, token: CANARIES.mlflowToken },
    settings: imageSettings.parse({}),
  };
  const context = await assembleContext(request);
  expect(registry.requests[0]?.headers.authorization).toContain("canary-mlflowToken");
  const { files, found: hits } = await foundInFiles(CANARIES, folder);
  expect(files.length).toBeGreaterThan(20);
  expect(hits).toEqual([]);
  expect(found(CANARIES, JSON.stringify(context))).toEqual([]);
  // What a build of the project's own folder would take in: config, state, keys.
  const names = await readdir(context.path, { recursive: true });
  expect(names).toEqual(expect.arrayContaining(["Dockerfile", "app/service/main.ts"]));
  expect(names.filter((name) => /Pulumi\.|\.env|\.pem|\.git|^app\/(?:deploy|infra|engine)\//.test(name))).toEqual([]);
});

test("secrets: on target docker they stand in inputs that are marked as secrets only", async () => {
  const stacks = [await mockedStaging({ secrets: CANARIES }), await mockedProduction({ secrets: CANARIES })];
  expect(found(CANARIES, JSON.stringify(stacks)).length).toBeGreaterThan(3);
  for (const { resources } of stacks)
    for (const { name, inputs, secrets } of resources) {
      // Whole inputs are marked, or parts of them by the SDK's own mark, which the engine encrypts.
      const plain = Object.entries(inputs).filter(([key]) => !secrets.includes(key));
      expect({ name, found: found(CANARIES, JSON.stringify(plain.map(unmarked))) }).toEqual({ name, found: [] });
    }
});

test("secrets: in rendered manifests they stand in Secrets only", async () => {
  const secrets = Object.fromEntries(Object.entries(CANARIES).filter(([key]) => !key.startsWith("gate")));
  const manifests = await render({ ...EVERYTHING, secrets });
  expect(found(CANARIES, JSON.stringify(manifests))).toEqual(
    expect.arrayContaining(["mlflowToken", "serviceApiToken"]),
  );
  expect(JSON.stringify(manifests)).toContain(ASSUMED.image);
  expect(found(CANARIES, JSON.stringify(manifests.filter(({ kind }) => kind !== "Secret")))).toEqual([]);
});

/** Without what the SDK marks as a secret inside of an input. */
function unmarked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unmarked);
  if (!(value instanceof Object)) return value;
  if ("4dabf18193072939515e22adb298388d" in value) return "[secret]";
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unmarked(inner)]));
}
