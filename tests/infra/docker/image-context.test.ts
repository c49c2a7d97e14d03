import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { placeModel } from "../../../infra/targets/docker/context-files.ts";
import { imageSettings } from "../../../infra/targets/docker/docker-settings.ts";
import { assembleContext } from "../../../infra/targets/docker/image-context.ts";
import { imageFiles } from "../../../infra/targets/docker/image-files.ts";
import { planImage } from "../../../infra/targets/docker/image-plan.ts";
import { pruneLock } from "../../../infra/targets/docker/pruned-lock.ts";
import { sourceClosure } from "../../../infra/targets/docker/source-closure.ts";

const LOCK = {
  lockfileVersion: 3,
  packages: {
    "": { dependencies: { a: "^1", unused: "^1" } },
    "node_modules/a": { version: "1.2.0", dependencies: { b: "^1", c: "^1" } },
    "node_modules/b": { version: "2.0.0" },
    "node_modules/a/node_modules/b": { version: "1.0.0", dependencies: { c: "^1" }, optionalDependencies: { d: "^1" } },
    "node_modules/c": { version: "1.0.0", dependencies: { a: "^1" } },
    "node_modules/unused": { version: "1.0.0" },
  },
};

test("a pruned lock file has exactly what the packages need, by Node's resolution", () => {
  const { manifest, lock } = pruneLock(LOCK, ["a"]);
  expect(manifest.dependencies).toEqual({ a: "1.2.0" });
  expect(Object.keys(lock.packages)).toEqual(["", "node_modules/a", "node_modules/a/node_modules/b", "node_modules/c"]);
  expect(lock.packages["node_modules/a/node_modules/b"]).toBe(LOCK.packages["node_modules/a/node_modules/b"]);
});

test("names a package that the lock file lacks, with the remedy", () => {
  expect(() => pruneLock(LOCK, ["e"])).toThrow("package-lock.json has no e. Run: npm install");
});

test("the image contains only the service and its imports: no Pulumi, no trainer, no tests", () => {
  const { files, packages } = sourceClosure(".", "service");
  expect(files).toEqual(expect.arrayContaining(["service/main.ts", "registry/artifact-digest.ts"]));
  expect(files.filter((file) => !/^(service|registry|data)\//.test(file))).toEqual([]);
  expect(packages).toEqual(expect.arrayContaining(["@hono/node-server", "hono", "onnxruntime-node", "zod"]));
  expect(packages.filter((name) => /pulumi|typescript|vitest|ml-matrix|duckdb/.test(name))).toEqual([]);
});

const INGREDIENTS = {
  modelName: "churn-model",
  version: "3",
  sha256: "a".repeat(64),
  commit: "c",
  files: new Map([["Dockerfile", "FROM x"]]),
  settings: imageSettings.parse({ repository: "acme/churn" }),
};

test("the tag is unique to the image's inputs", () => {
  const { name, tag } = planImage(INGREDIENTS);
  expect(tag).toMatch(/^churn-model-v3-[0-9a-f]{12}$/);
  expect(name).toBe(`docker.io/acme/churn:${tag}`);
  const others = [
    { ...INGREDIENTS, sha256: "b".repeat(64) },
    { ...INGREDIENTS, commit: "d" },
    { ...INGREDIENTS, files: new Map([["Dockerfile", "FROM y"]]) },
    { ...INGREDIENTS, settings: { ...INGREDIENTS.settings, base: "node:25" } },
    { ...INGREDIENTS, settings: { ...INGREDIENTS.settings, platform: "linux/arm64" as const } },
  ].map((ingredients) => planImage(ingredients).tag);
  expect(new Set([tag, ...others]).size).toBe(6);
  const elsewhere = { ...INGREDIENTS.settings, registry: "localhost:5000" };
  expect(planImage({ ...INGREDIENTS, settings: elsewhere }).tag).toBe(tag);
});

test("without a repository, the image's name is the model's in lower case", () => {
  const { name } = planImage({ ...INGREDIENTS, modelName: "Churn", settings: imageSettings.parse({}) });
  expect(name).toMatch(/^churn:Churn-v3-/);
});

test("every model name gives a valid and unique image name and tag", () => {
  const plan = (modelName: string) =>
    planImage({ ...INGREDIENTS, modelName, settings: imageSettings.parse({}) }).name.split(":");
  for (const modelName of ["churn..v2", "churn_", "churn-_x", "C.-", "x".repeat(300)]) {
    const [repository = "", tag = ""] = plan(modelName);
    expect(repository).toMatch(/^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/);
    expect(tag).toMatch(/^\w[\w.-]{0,127}$/);
  }
  const [one, other] = [plan("churn..x"), plan("churn-x")];
  expect(one[0]).toBe(other[0]);
  expect(one[1]).not.toBe(other[1]);
});

test("two stacks that assemble the same context at the same time both get a complete one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "contexts-"));
  const { digestFolder } = await import("../../../registry/artifact-digest.ts");
  const { mkdir, readFile } = await import("node:fs/promises");
  const download = async (into: string) => {
    await mkdir(into, { recursive: true });
    await sleep(20 * Math.random());
    for (const file of ["MLmodel", "model.onnx"]) await writeFile(join(into, file), file);
    return digestFolder(into);
  };
  const never = (actual: string) => new Error(`other files: ${actual}`);
  try {
    const sha256 = await download(join(folder, "as-approved"));
    const place = (stack: number) =>
      placeModel(join(folder, "c/approved/model"), sha256, join(folder, `partial-${stack}`), download, never);
    await Promise.all([0, 1, 2, 3, 4].map(place));
    expect((await readdir(folder)).sort()).toEqual(["as-approved", "c"]);
    expect(await readFile(join(folder, "c/approved/model/model.onnx"), "utf8")).toBe("model.onnx");
    // An incomplete or different folder is replaced.
    await rm(join(folder, "c/approved/model/MLmodel"));
    await place(5);
    expect(await digestFolder(join(folder, "c/approved/model"))).toBe(sha256);
    await expect(placeModel(join(folder, "other"), "f".repeat(64), join(folder, "p"), download, never)).rejects.toThrow(
      `other files: ${sha256}`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("a complete context needs no registry, and has the same modes under any umask", async () => {
  const folder = await mkdtemp(join(tmpdir(), "contexts-"));
  const { digestFolder } = await import("../../../registry/artifact-digest.ts");
  const { mkdir } = await import("node:fs/promises");
  await mkdir(join(folder, "model"));
  await writeFile(join(folder, "model/MLmodel"), "{}");
  const request = {
    registry: { trackingUri: "http://127.0.0.1:9" },
    modelName: "churn-model",
    version: "1",
    folder,
    sha256: await digestFolder(join(folder, "model")),
    settings: imageSettings.parse({}),
  };
  try {
    await expect(assembleContext(request)).rejects.toThrow("does not answer");
    const [tag = ""] = (await readdir(folder)).filter((entry) => entry.startsWith("churn-model-v1-"));
    await mkdir(join(folder, tag, "approved/model"), { recursive: true });
    await writeFile(join(folder, tag, "approved/model/MLmodel"), "{}");
    await chmod(join(folder, tag, "approved/model/MLmodel"), 0o600);
    const context = await assembleContext(request);
    expect(context.path).toBe(join(folder, tag));
    expect((await stat(join(folder, tag, "approved/model/MLmodel"))).mode & 0o777).toBe(0o644);
    expect((await readdir(context.path)).sort()).toEqual([
      "Dockerfile",
      "app",
      "approved",
      "package-lock.json",
      "package.json",
      "sbom.cdx.json",
    ]);
    expect(context.dependencies).toEqual(imageFiles(".").dependencies);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
