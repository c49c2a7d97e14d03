import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pinnedCsv } from "../fixtures/training/pinned-csv.ts";

/** A program of another project that prints the resources it declares. */
const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
const args = JSON.parse(process.argv[2]);
await pulumi.runtime.setMocks({
  newResource: ({ name, inputs }) => {
    console.log("declared " + name);
    return { id: name, state: { ...inputs, stdout: '{"run_id":"r","version":"1"}', approvedVersion: "1", reportUri: "mlflow-artifacts:/r" } };
  },
  call: ({ inputs }) => inputs,
});
const { TrainingPipeline } = await import("../../infra/components/training-pipeline.ts");
const pipeline = new TrainingPipeline("model", {
  registry: { trackingUri: "http://127.0.0.1:5000" },
  registryUrl: "http://127.0.0.1:5000",
  modelName: "model",
  trainer: { command: "train", params: {}, sourceHash: "0" },
  policy: {},
  ...args,
});
`;

let folder: string;
beforeAll(async () => {
  // Inside this project, so that packages resolve.
  folder = await mkdtemp(join(import.meta.dirname, ".program-"));
  await writeFile(join(folder, "program.ts"), PROGRAM.replaceAll("../../infra", "../../../infra"));
});
afterAll(() => rm(folder, { recursive: true }));

async function run(args: object): Promise<{ readonly code: unknown; readonly output: string }> {
  const path = await pinnedCsv("age,region,churned\n1,a,0\n");
  const data = { path, md5: "0" };
  const given = JSON.stringify({ training: data, evaluation: data, ...args });
  return new Promise((done) =>
    execFile(process.execPath, [join(folder, "program.ts"), given], (error, stdout, stderr) =>
      done({ code: error?.code ?? 0, output: stdout + stderr }),
    ),
  );
}

test("another program's pipeline trains nothing if the snapshots lack a column in its arguments", async () => {
  const { code, output } = await run({
    dataFormat: { label: "churn" },
    policy: { slices: { region: { column: "regoin", accuracy: { min: 0.5 } } } },
  });
  expect(code).toBe(1);
  expect(output).toContain('dataFormat.label names the column "churn", but ');
  expect(output).toContain('it has age, region, churned. The nearest is "churned"');
  expect(output).toContain('policy.slices.region.column names the column "regoin", but ');
  expect(output).not.toContain("declared model-trainer");
});

test("trains if the columns exist, or if the update fetches the data", async () => {
  const runs = await Promise.all([
    run({ dataFormat: { label: "churned" } }),
    run({ dataFormat: { label: "churn" }, pull: "dvc pull" }),
    run({ dataFormat: { label: "churn" }, areColumnsChecked: true }),
  ]);
  const trained = { code: 0, output: expect.stringContaining("declared model-trainer") };
  expect(runs).toEqual([trained, trained, trained]);
  expect(runs[1]?.output).toContain('dataFormat.label names the column "churn"');
});
