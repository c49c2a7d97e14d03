import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pathForDvc, readDvcPointer } from "../../training/dvc-pointer.ts";
import { temporaryFolder } from "../fixtures/training/pinned-csv.ts";
import { CHURN } from "../fixtures/training/recorded.ts";

const MD5 = "823c7d11ba47cc5342be77bd71a0d886";

async function read(content: string) {
  const path = join(await temporaryFolder(), "x.csv.dvc");
  await writeFile(path, content);
  return readDvcPointer(path);
}

test("reads hash and size", async () => {
  expect(await readDvcPointer(`${CHURN}/train.csv.dvc`)).toEqual({ md5: MD5, size: 324674 });
});

test("reads the output of `dvc add` for a file in a remote", async () => {
  expect(await read(`outs:\n- md5: ${MD5}\n  size: 12\n  hash: md5\n  path: x.csv\n`)).toEqual({ md5: MD5, size: 12 });
});

test("explains how to create a missing pointer", async () => {
  await expect(readDvcPointer("no/such.csv.dvc")).rejects.toThrow(
    "no/such.csv.dvc is missing, and so is no/such.csv. Pin the data with: dvc add no/such.csv (install DVC with: pip install dvc)",
  );
});

test("names the other files of the folder if the data is missing, too", async () => {
  await expect(readDvcPointer("models/churn/data/eval.csv.dvc")).rejects.toThrow(
    "eval.csv.dvc is missing, and so is models/churn/data/eval.csv: models/churn/data has evaluation.csv, reference.csv, train.csv. Pin",
  );
});

test("resolves a linked folder for DVC, whether or not the file exists", () => {
  // The sample's former folder is a link to models/churn/data.
  for (const name of ["train.csv", "no-such.csv"])
    expect(pathForDvc(`training/data/churn/${name}`)).toBe(`models/churn/data/${name}`);
  expect(pathForDvc("models/churn/data/train.csv")).toBe("models/churn/data/train.csv");
  expect(pathForDvc("no/such.csv")).toBe("no/such.csv");
});

test("keeps a path outside the project unchanged", async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "data"));
  await symlink("data", join(folder, "link"));
  expect(pathForDvc(join(folder, "link/x.csv"))).toBe(join(folder, "link/x.csv"));
});

test("a missing pointer in a linked folder names the path that DVC accepts", async () => {
  await expect(readDvcPointer("training/data/churn/no-such.csv.dvc")).rejects.toThrow(
    "Pin the data with: dvc add models/churn/data/no-such.csv (install",
  );
});

test.each([
  ["an unknown kind", `outs:\n- md5: ${MD5}.zip\n  size: 12\n  path: x\n`, "followed by .dir for a folder"],
  ["two files", `outs:\n${`- md5: ${MD5}\n  size: 12\n  path: x\n`.repeat(2)}`, "outs:"],
  ["no size", `outs:\n- md5: ${MD5}\n  path: x\n`, "outs.0.size"],
  ["plain text", "hello", "is not a DVC pointer to one file"],
  ["broken YAML", "outs: [", "x.csv.dvc is not a DVC pointer"],
])("rejects a pointer with %s", async (_name, content, message) => {
  await expect(read(content)).rejects.toThrow(message);
});
