import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { downloadEvidence } from "../../registry/artifacts.ts";
import { readGateEvidence } from "../../registry/evidence.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { getModelVersion } from "../../registry/model-versions.ts";
import type { summarise } from "../../service/watch/summary.ts";
import type { GateReport } from "../../training/gate/report.ts";
import { pointer } from "../fixtures/training/pinned-csv.ts";
import { CHURN } from "../fixtures/training/recorded.ts";
import { makeProject, type Project } from "../helpers/project.ts";

// A user's own data, whose columns are not the sample's, on staging alone; production's stack is as it was committed.
let project: Project;
beforeAll(async () => {
  project = await makeProject();
  for (const [key, file] of [
    ["training", "train.csv"],
    ["evaluation", "evaluation.csv"],
    ["reference", "reference.csv"],
  ] as const)
    await project.set("staging", `data.${key}`, await ownData(file));
  await project.set("staging", "data.id", "customer");
  await project.set("staging", "gate.accuracy.min", "0.85");
});
afterAll(() => project?.remove());

/** The sample's rows under other names; those of the evaluation have an id. */
async function ownData(file: string): Promise<string> {
  const sample = (await readFile(`${CHURN}/${file}`, "utf8")).replace(/^[^\n]*/, (head) =>
    head.replace(/\bf(\d)/g, "own$1"),
  );
  const lines = sample.trimEnd().split("\n");
  const text =
    file === "evaluation.csv"
      ? `${lines.map((line, row) => `${line},${row === 0 ? "customer" : `C-${row}`}`).join("\n")}\n`
      : sample;
  const path = join(project.folder, file);
  await writeFile(path, text);
  await writeFile(`${path}.dvc`, pointer(text, file));
  return path;
}

async function driftOf(environment: "staging" | "production"): Promise<string[]> {
  const response = await fetch(`http://127.0.0.1:${project.ports[environment]}/watch`);
  const { drift } = (await response.json()) as ReturnType<typeof summarise>;
  return Object.keys(drift?.psi ?? {});
}
const OWN = Array.from({ length: 10 }, (_, index) => `own${index}`);

it("production serves a model of columns of its own, and watches drift against staging's reference", async () => {
  const staging = await project.up("staging");
  expect(staging.exitCode, staging.output).toBe(0);
  expect(await driftOf("staging")).toEqual(OWN);
  const production = await project.up("production");
  expect(production.exitCode, production.output).toBe(0);
  expect(await driftOf("production")).toEqual(OWN);
});

it("the report names the rows that were most wrong by the column that the stack names", async () => {
  const client = new MlflowClient({ trackingUri: project.trackingUri });
  const { report = "" } = readGateEvidence(await getModelVersion(client, "churn-model", "1")) ?? {};
  const { worst } = JSON.parse(new TextDecoder().decode(await downloadEvidence(client, report))) as GateReport;
  expect(worst).toMatchObject({ by: "probability", wrong: 41, idColumn: "customer", rows: { length: 20 } });
  for (const { row, id, probability = 1, ...answered } of worst?.rows ?? []) {
    expect(id).toBe(`C-${row}`);
    expect(probability).toBeLessThan(0.5);
    expect(Object.keys(answered)).toEqual(["truth", "answer"]);
  }
});

it("a version that is judged once more, and passes, is served by the process that serves it", async () => {
  const instance = async () => {
    const { deployment } = await project.state("staging");
    return deployment.resources.find(({ urn }) => urn.endsWith("::staging-service"))?.outputs?.instance;
  };
  const before = await instance();
  expect(before).toMatch(/^\d+@\d+/);
  await project.set("staging", "gate.accuracy.min", "0.8");
  const { exitCode, output } = await project.up("staging");
  expect(exitCode, output).toBe(0);
  expect(output).toMatch(/gateReport *: "http:\S+\/#\/experiments\/\S+\.html\?workflowType=machine_learning"/);
  expect(await instance()).toBe(before);
});

it("changes nothing when it runs again on a machine without the data", async () => {
  for (const file of ["train.csv", "evaluation.csv", "reference.csv"]) await rm(join(project.folder, file));
  for (const stack of ["staging", "production"]) {
    const { exitCode, output } = await project.up(stack, "--expect-no-changes");
    expect(exitCode, output).toBe(0);
  }
});
