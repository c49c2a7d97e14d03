/** What the program refuses reads as one error: the message, without a stack trace and without "unhandled exception". */
import { copyFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { json, serve } from "../helpers/http-server.ts";
import { makeProject, type Project } from "../helpers/project.ts";

const DATA = resolve("models/churn/data");
let project: Project;
beforeAll(async () => {
  project = await makeProject();
  await project.set("staging", "data.evaluation", join(DATA, "evaluation.csv"));
  // Nothing gets as far as the registry.
  await project.set("staging", "mlflow.trackingUri", "http://127.0.0.1:9");
});
afterAll(() => project?.remove());

const refusal = (...args: string[]) => refusalOf("staging", ...args);

async function refusalOf(stack: string, ...args: string[]): Promise<string> {
  const { exitCode, output } = await project.pulumi(...args, "--stack", stack);
  expect(exitCode, output).toBe(1);
  expect(output.match(/error: /g), output).toHaveLength(1);
  expect(output).not.toMatch(/^\s+at |unhandled exception|\[cause\]/m);
  return output;
}

test("a missing DVC pointer", async () => {
  await project.set("staging", "data.training", "no-such.csv");
  const message =
    /error: no-such\.csv\.dvc is missing, and so is no-such\.csv: \. has .*\. Pin the data with: dvc add no-such\.csv \(install DVC with: pip install dvc\)\n/;
  expect(await refusal("preview")).toMatch(message);
  expect(await refusal("up", "--yes", "--skip-preview")).toMatch(message);
});

test("a missing CSV, whose pointer is there", async () => {
  const missing = join(project.folder, "train.csv");
  await copyFile(join(DATA, "train.csv.dvc"), `${missing}.dvc`);
  await project.set("staging", "data.training", missing);
  const message = `training failed: ${missing} is missing. If its data is kept in a DVC remote, fetch it with: dvc pull`;
  expect(await refusal("up", "--yes", "--skip-preview")).toContain(message);
});

test("a registry without the alias that production follows, whose stage names a version", async () => {
  const held = { name: "churn-model", latest_versions: [{ version: "6", current_stage: "Production" }] };
  await using registry = await serve(({ path }, response) => {
    if (path.includes("registered-models/search")) return json(response, { registered_models: [held] });
    json(response, { error_code: "RESOURCE_DOES_NOT_EXIST", message: "none" }, 404);
  });
  await project.set("production", "mlflow.trackingUri", registry.url);
  await project.pulumi("config", "rm", "--path", "promotion.version", "--stack", "production");
  for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
    const output = await refusalOf("production", ...command);
    expect(output).toContain("error: the registry disagrees about which version of churn-model is in production: ");
    expect(output).toContain(
      "Set promotion.version to the version that production serves (6 according to stage and history): ",
    );
    expect(output).toContain("pulumi config set --path promotion.version <version> --stack <name>");
    expect(output).toContain("npm run rollback -- --stack <name> --to <version>");
  }
});
