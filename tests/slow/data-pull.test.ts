import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect } from "vitest";
import { readGateEvidence } from "../../registry/evidence.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { getModelVersion } from "../../registry/model-versions.ts";
import { CHURN } from "../fixtures/training/recorded.ts";
import { makeProject, type Project } from "../helpers/project.ts";
import { missingProgram, testNeeding } from "../helpers/test-needing.ts";

// A checkout as CI has it: pointers and no data. DVC fetches the data from a real remote, in a real update.
const run = promisify(execFile);
/** DVC_COMMAND names one that is not on the PATH. */
const DVC = process.env.DVC_COMMAND ?? "dvc";
const missing = missingProgram(DVC, ["--version"], "pip install dvc, or set DVC_COMMAND to its path");
const testWithDvc = testNeeding(missing);

const FILES = ["train.csv", "evaluation.csv", "reference.csv"];
let project: Project;
let folder: string;
let checkout: string;

beforeAll(async () => {
  if (missing) return;
  folder = await mkdtemp(join(tmpdir(), "data-pull-"));
  checkout = join(folder, "checkout");
  await mkdir(checkout);
  const dvc = (...args: string[]) => run(DVC, args, { cwd: checkout });
  await run("git", ["init", "--quiet"], { cwd: checkout });
  await dvc("init", "--quiet");
  await dvc("remote", "add", "--default", "store", join(folder, "remote"));
  for (const file of FILES) await cp(join(CHURN, file), join(checkout, file));
  await dvc("add", "--quiet", ...FILES);
  await dvc("push", "--quiet");
  await forget();
  project = await makeProject();
  for (const [key, file] of [
    ["training", "train.csv"],
    ["evaluation", "evaluation.csv"],
    ["reference", "reference.csv"],
  ] as const)
    await project.set("staging", `data.${key}`, join(checkout, file));
  await project.set("staging", "gate.accuracy.min", "0.85");
});
afterAll(async () => {
  await project?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Leaves the pointers, and no data: neither the files nor DVC's cache of them. */
async function forget() {
  for (const file of [...FILES, ".dvc/cache"]) await rm(join(checkout, file), { recursive: true, force: true });
}

testWithDvc("without data.pull, an update says which file is missing and how to fetch it", {}, async () => {
  const { exitCode, output } = await project.up("staging");
  expect(exitCode, output).toBe(1);
  expect(output).toContain(`${join(checkout, "train.csv")} is missing`);
  expect(output).toContain(`fetch it with: dvc pull ${join(checkout, "train.csv")}`);
});

testWithDvc("data.pull fetches the snapshots from the remote before anything is trained", {}, async () => {
  await project.set("staging", "data.pull", `cd '${checkout}' && '${DVC}' pull`);
  const { exitCode, output } = await project.up("staging");
  expect(exitCode, output).toBe(0);
  expect(await readFile(join(checkout, "train.csv"))).toEqual(await readFile(join(CHURN, "train.csv")));
  const again = await project.up("staging", "--expect-no-changes");
  expect(again.exitCode, again.output).toBe(0);
});

testWithDvc("fetches a missing snapshot again when the version is judged again", {}, async () => {
  const client = new MlflowClient({ trackingUri: project.trackingUri });
  const judged = async () => readGateEvidence(await getModelVersion(client, "churn-model", "1"));
  const before = await judged();
  await forget();
  await project.set("staging", "gate.accuracy.min", "0.86");
  const { exitCode, output } = await project.up("staging");
  expect(exitCode, output).toBe(0);
  const after = await judged();
  expect(after?.verdict).toBe("passed");
  expect(after?.policySha256).not.toBe(before?.policySha256);
  for (const file of ["evaluation.csv", "reference.csv"])
    expect(await readFile(join(checkout, file)), file).toEqual(await readFile(join(CHURN, file)));
});

testWithDvc("a fetch that fails stops the update before training, with what the command said", {}, async () => {
  // The data are there: a training that did not wait would succeed.
  await project.set("staging", "data.pull", "echo no remote >&2; exit 7");
  await project.set("staging", "training.params.C", "0.5");
  const { exitCode, output } = await project.up("staging");
  expect(exitCode, output).toBe(1);
  expect(output).toContain("no remote");
  const client = new MlflowClient({ trackingUri: project.trackingUri });
  await expect(getModelVersion(client, "churn-model", "2")).rejects.toMatchObject({ code: "RESOURCE_DOES_NOT_EXIST" });
});
