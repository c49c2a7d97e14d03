import { execFile } from "node:child_process";
import { appendFile, cp } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { temporaryFolder } from "../fixtures/training/pinned-csv.ts";
import { missingProgram, testNeeding } from "../helpers/test-needing.ts";

const run = promisify(execFile);
/** DVC_COMMAND names one that is not on the PATH. */
const DVC = process.env.DVC_COMMAND ?? "dvc";
const testWithDvc = testNeeding(missingProgram(DVC, ["--version"], "pip install dvc, or set DVC_COMMAND to its path"));
const POINTERS = ["train", "evaluation", "reference"].map((name) => `models/churn/data/${name}.csv.dvc`);

/** What DVC itself says of the pointers in a folder. */
const status = async (cwd: string) => JSON.parse((await run(DVC, ["status", "--json", ...POINTERS], { cwd })).stdout);

testWithDvc("DVC itself finds the snapshots of the checkout as their pointers pin them", {}, async () => {
  expect(await status(process.cwd())).toEqual({});
});

testWithDvc("DVC itself finds a changed snapshot, and only that one", {}, async () => {
  const folder = await temporaryFolder();
  for (const part of [".dvc/config", ".dvcignore", "models/churn/data"])
    await cp(part, join(folder, part), { recursive: true });
  await run("git", ["init", "--quiet"], { cwd: folder });
  await appendFile(join(folder, "models/churn/data/train.csv"), "0,0,0,0,0,0,0,0,0,0,1\n");
  expect(Object.keys(await status(folder))).toEqual(["models/churn/data/train.csv.dvc"]);
});
