import { appendFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { digestFolder } from "../../registry/artifact-digest.ts";
import { loadModel } from "../../service/model-source.ts";
import { testModel } from "./helpers/test-model.ts";

const cache = "unused";

test("loads a folder, with its digest", async () => {
  await using model = await testModel();
  const sha256 = await digestFolder(model.folder);
  const identity = { name: "churn-model", version: "3", stage: "Staging" };
  expect(await loadModel({ uri: model.folder, cache, sha256, ...identity })).toEqual({
    folder: model.folder,
    sha256,
    ...identity,
  });
  expect(await loadModel({ uri: model.folder, cache })).toMatchObject({
    name: basename(model.folder),
    version: "unregistered",
    stage: "None",
  });
});

test("rejects a changed model, with both digests", async () => {
  await using model = await testModel();
  const approved = await digestFolder(model.folder);
  await appendFile(join(model.folder, "model.onnx"), " ");
  const found = await digestFolder(model.folder);
  const error = await loadModel({ uri: model.folder, cache, sha256: approved }).catch((error) => error);
  expect(error.name).toBe("ModelSourceError");
  expect(error.message).toContain(approved);
  expect(error.message).toContain(found);
});

test("rejects a folder that does not exist", async () => {
  await expect(loadModel({ uri: "no/such/folder", cache })).rejects.toThrow("which is not a folder");
});
