import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { combineDigests, digestFolder, sha256 } from "../../registry/artifact-digest.ts";

const FILES: Record<string, string> = {
  MLmodel: "flavors: {}",
  "model.onnx": "weights",
  "model.onnx.data": "more weights",
  "code/a.py": "a",
  "code.py": "b",
  "größe 1.txt": "a name with a blank and an umlaut",
  "Z.txt": "upper case stands before lower case",
  empty: "",
};

async function folderOf(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "digest-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

test("equals the output of the documented shell command", async () => {
  const source = await readFile(join(import.meta.dirname, "../../registry/artifact-digest.ts"), "utf8");
  const command = /`(find .+ \| sha256sum)`/.exec(source)?.[1] ?? "";
  for (const files of [FILES, { ...FILES, registered_model_meta: "x" }, { MLmodel: "" }, {}]) {
    const folder = await folderOf(files);
    const { stdout } = await promisify(execFile)("sh", ["-c", command], { cwd: folder });
    expect(await digestFolder(folder)).toBe(stdout.split(" ")[0]);
  }
});

test("does not depend on how the folder's path is written", async () => {
  const folder = await folderOf(FILES);
  const wanted = await digestFolder(folder);
  const fromHere = relative(process.cwd(), folder);
  for (const path of [`${folder}/`, `${folder}//`, fromHere, `./${fromHere}`, `${folder}/code/..`])
    expect(await digestFolder(path)).toBe(wanted);
});

test("equals the combined digests of the files", async () => {
  const digests = Object.entries(FILES).map(([path, content]) => [path, sha256(content)] as const);
  expect(combineDigests(new Map(digests.toReversed()))).toBe(await digestFolder(await folderOf(FILES)));
});

test("differs when any file is changed, added, removed, renamed or swapped with another", async () => {
  const wanted = await digestFolder(await folderOf(FILES));
  const { "model.onnx.data": _, ...fewer } = FILES;
  const changes = [
    { ...FILES, "model.onnx": "weight" },
    { ...FILES, more: "" },
    fewer,
    { ...fewer, "model.onnx.dat": "more weights" },
    { ...FILES, "code/a.py": "b", "code.py": "a" },
  ];
  const digests = await Promise.all(changes.map(async (files) => digestFolder(await folderOf(files))));
  expect(new Set([wanted, ...digests]).size).toBe(changes.length + 1);
});

test("excludes the file that MLflow's client adds to a download, but only at the top level", async () => {
  const wanted = await digestFolder(await folderOf(FILES));
  expect(await digestFolder(await folderOf({ ...FILES, registered_model_meta: "x" }))).toBe(wanted);
  expect(await digestFolder(await folderOf({ ...FILES, "code/registered_model_meta": "x" }))).not.toBe(wanted);
});

test("excludes symbolic links, which a download never has", async () => {
  const folder = await folderOf(FILES);
  const wanted = await digestFolder(folder);
  await symlink("/etc/hostname", join(folder, "link"));
  expect(await digestFolder(folder)).toBe(wanted);
});

test("throws for a folder that does not exist", async () => {
  await expect(digestFolder("no/such/folder")).rejects.toThrow("ENOENT");
});
