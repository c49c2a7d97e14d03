import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { combineDigests, sha256 } from "../../registry/artifact-digest.ts";
import { downloadArtifact, downloadModel } from "../../registry/artifacts.ts";
import { loadModel } from "../../service/model-source.ts";
import { openPredictor } from "../../service/predictor/predictor.ts";
import { temporaryFolder } from "../fixtures/training/pinned-csv.ts";
import { mlmodelOf, testModel } from "../service/helpers/test-model.ts";
import { hostileRegistry } from "./helpers/hostile-registry.ts";

test.each([
  ["a relative path", "../../escaped"],
  ["an absolute path", "/tmp/escaped"],
  ["a path with backslashes", "..\\..\\escaped"],
  ["the folder above", ".."],
  ["the folder itself", "."],
  ["an inner path", "a/../../escaped"],
  ["a NUL", "model.onnx\0.txt"],
  ["a line's end", "n\nffff  model.onnx"],
  ["an ANSI escape", "\u001b[2Jmodel"],
  ["a change of direction", "model\u202exnno"],
  ["nothing", ""],
])("path traversal: a registry that lists %s is refused, as file and as folder", async (_name, path) => {
  for (const is_dir of [false, true]) {
    await using registry = await hostileRegistry({ list: () => [{ path, is_dir }] });
    const folder = await temporaryFolder();
    await expect(downloadModel(registry.client, registry.version, join(folder, "model"))).rejects.toThrow(
      "with the forbidden name",
    );
    expect(await readdir(folder)).toEqual([]);
    // Nothing was asked for beside the listing.
    expect(registry.server.requests).toHaveLength(1);
  }
});

test("path traversal: encoded dots and slashes stay a name inside of the folder", async () => {
  const names = ["%2e%2e%2f%2e%2e%2fescaped", "..%2fescaped", "%2e%2e", "..;", "%00"];
  await using registry = await hostileRegistry({ list: (folder) => (folder ? [] : names.map((path) => ({ path }))) });
  const folder = await temporaryFolder();
  await downloadModel(registry.client, registry.version, join(folder, "model"));
  expect((await readdir(join(folder, "model"))).sort()).toEqual([...names].sort());
  expect(await readdir(folder)).toEqual(["model"]);
});

test.each([
  "mlflow-artifacts:/../../../admin",
  "mlflow-artifacts:/1/r/../../../../../admin",
  "mlflow-artifacts://registry/1/./../../../../admin",
])("path traversal: a version whose source is %s asks the server for no other path", async (source) => {
  await using registry = await hostileRegistry({ source });
  const folder = await temporaryFolder();
  await expect(downloadModel(registry.client, registry.version, join(folder, "model"))).rejects.toThrow("are not read");
  await expect(downloadArtifact(registry.client, source, "report.json")).rejects.toThrow("are not read");
  await expect(downloadArtifact(registry.client, "mlflow-artifacts:/1", "../../x")).rejects.toThrow("are not read");
  expect(registry.server.requests).toEqual([]);
});

test("symbolic links: a model's file that links elsewhere is not opened and not part of what was approved", async () => {
  await using secret = await testModel();
  await using model = await testModel({ mlmodel: mlmodelOf(3, "link.onnx") });
  const { sha256: digest } = await loadModel({ uri: model.folder, cache: "unused" });
  await symlink(join(secret.folder, "model.onnx"), join(model.folder, "link.onnx"));
  await expect(openPredictor(model.folder)).rejects.toThrow("not a regular file in the model's folder");
  expect((await loadModel({ uri: model.folder, cache: "unused" })).sha256).toBe(digest);

  await using linked = await testModel({ mlmodel: mlmodelOf(3, "sub/model.onnx") });
  await symlink(secret.folder, join(linked.folder, "sub"));
  await expect(openPredictor(linked.folder)).rejects.toThrow("not a regular file in the model's folder");
});

test("symbolic links: MLmodel swapped for a link changes the digest", async () => {
  await using approved = await testModel();
  const { sha256: digest } = await loadModel({ uri: approved.folder, cache: "unused" });
  await using swapped = await testModel();
  const other = await temporaryFolder();
  await writeFile(join(other, "MLmodel"), JSON.stringify(mlmodelOf(3)));
  await mkdir(join(other, "swapped"));
  const folder = join(other, "swapped");
  await symlink(join(other, "MLmodel"), join(folder, "MLmodel"));
  await symlink(join(swapped.folder, "model.onnx"), join(folder, "model.onnx"));
  await expect(loadModel({ uri: folder, cache: "unused", sha256: digest })).rejects.toThrow("not the approved model");
});

test.each(["../model.onnx", "/etc/hostname", "sub/../../model.onnx"])(
  "path traversal: MLmodel that names %s is refused",
  async (data) => {
    await using model = await testModel({ mlmodel: mlmodelOf(3, data) });
    await expect(openPredictor(model.folder)).rejects.toThrow(/outside the model's folder|which does not exist/);
  },
);

test.each(["registered_model_meta", "./registered_model_meta", "sub/../registered_model_meta"])(
  "swapped artifact: a model in %s, which the digest leaves out, is refused",
  async (data) => {
    await using model = await testModel({ mlmodel: mlmodelOf(3, data) });
    await using evil = await testModel({ weights: [9, 9, 9] });
    await writeFile(join(model.folder, "registered_model_meta"), await readFile(join(evil.folder, "model.onnx")));
    await expect(openPredictor(model.folder)).rejects.toThrow("the model's digest does not cover");
  },
);

test("swapped artifact: names with a line's end cannot give two sets of files one digest", () => {
  const [other, good, evil] = ["o", "good", "evil"].map(sha256) as [string, string, string];
  const judged = new Map([
    ["m", other],
    ["model.onnx", good],
    [`n\n${evil}  model.onnx`, other],
  ]);
  const served = new Map([
    [`m\n${good}  model.onnx\n${other}  n`, other],
    ["model.onnx", evil],
  ]);
  // One text, and so one digest, if the names were taken as they are.
  const text = (files: ReadonlyMap<string, string>) => [...files].map(([path, hash]) => `${hash}  ${path}\n`).join("");
  expect(text(judged)).toBe(text(served));
  for (const files of [judged, served]) expect(() => combineDigests(files)).toThrow("control characters");
});
