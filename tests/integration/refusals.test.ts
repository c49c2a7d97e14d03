/** What the program refuses reads as one error: the message, without a stack trace and without "unhandled exception". */
import { copyFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeProject, type Project } from "../helpers/project.ts";

const DATA = resolve("training/data/churn");
let project: Project;
beforeAll(async () => {
  project = await makeProject();
  await project.set("staging", "data.evaluation", join(DATA, "evaluation.csv"));
  // Nothing gets as far as the registry.
  await project.set("staging", "mlflow.trackingUri", "http://127.0.0.1:9");
});
afterAll(() => project?.remove());

async function refusal(...args: string[]): Promise<string> {
  const { exitCode, output } = await project.pulumi(...args, "--stack", "staging");
  expect(exitCode, output).toBe(1);
  expect(output.match(/error: /g), output).toHaveLength(1);
  expect(output).not.toMatch(/^\s+at |unhandled exception|\[cause\]/m);
  return output;
}

test("a missing DVC pointer", async () => {
  await project.set("staging", "data.training", "no-such.csv");
  const message = "error: no-such.csv.dvc is missing. Pin the data with: dvc add no-such.csv\n";
  expect(await refusal("preview")).toContain(message);
  expect(await refusal("up", "--yes", "--skip-preview")).toContain(message);
});

test("a missing CSV, whose pointer is there", async () => {
  const missing = join(project.folder, "train.csv");
  await copyFile(join(DATA, "train.csv.dvc"), `${missing}.dvc`);
  await project.set("staging", "data.training", missing);
  const message = `training failed: ${missing} is missing. If its data is kept in a DVC remote, fetch it with: dvc pull`;
  expect(await refusal("up", "--yes", "--skip-preview")).toContain(message);
});
