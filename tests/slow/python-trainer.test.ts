import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { downloadArtifact } from "../../registry/artifacts.ts";
import { readGateEvidence } from "../../registry/evidence.ts";
import { getModelVersion } from "../../registry/model-versions.ts";
import { getRun } from "../../registry/runs.ts";
import { judge } from "../../training/gate/judge.ts";
import { recordEvidence } from "../../training/gate/record-evidence.ts";
import { temporaryFolder } from "../fixtures/training/pinned-csv.ts";
import { CHURN } from "../fixtures/training/recorded.ts";
import { testRegistry } from "../helpers/test-registry.ts";

const run = promisify(execFile);
const MODEL = "python-model";

const mlflow = testRegistry();

const environment = (params: object) => ({
  ...process.env,
  MLFLOW_TRACKING_URI: mlflow.url,
  MLFLOW_EXPERIMENT_NAME: "python",
  MLFLOW_DISABLE_TELEMETRY: "true",
  MODEL_NAME: MODEL,
  TRAINING_DATA: `${CHURN}/train.csv`,
  EVALUATION_DATA: `${CHURN}/evaluation.csv`,
  TRAINING_PARAMS: JSON.stringify(params),
});

test.each([
  ["gradient-boosting", "1"],
  ["mlp", "2"],
  ["logistic-regression", "3"],
  // Its votes come to a little more than 1 in float32.
  ["random-forest", "4"],
])("a %s of scikit-learn passes the same gate, with the accuracy that scikit-learn has", async (kind, version) => {
  const env = environment({ model: kind });
  const { stdout } = await run(mlflow.python, ["examples/python/train.py"], { env });
  const printed = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  expect(printed).toEqual({ run_id: expect.stringMatching(/^[0-9a-f]{32}$/), version });

  const report = await judge(mlflow.client, {
    modelName: MODEL,
    version,
    evaluationData: `${CHURN}/evaluation.csv`,
    policy: { accuracy: { min: 0.85 } },
  });
  expect(report.summary).toMatch(/^accuracy 0\.\d+ >= 0\.85 required$/);
  const { metrics } = await getRun(mlflow.client, printed.run_id);
  expect(report.metrics?.accuracy).toBe(metrics["trainer.accuracy"]);
  // The converted model computes in float32.
  expect(report.metrics?.log_loss).toBeCloseTo(metrics["trainer.log_loss"] ?? Number.NaN, 4);

  await recordEvidence(mlflow.client, report);
  const evidence = readGateEvidence(await getModelVersion(mlflow.client, MODEL, version));
  expect(evidence).toMatchObject({ verdict: "passed", modelSha256: report.model.sha256 });
  const [, folder, name] = /^(.*)\/(.*)\.json$/.exec(evidence?.report ?? "") ?? [];
  const page = new TextDecoder().decode(await downloadArtifact(mlflow.client, folder ?? "", `${name}.html`));
  expect(page).toContain(`${MODEL} version ${version}: gate`);
  expect(page.match(/<svg /g)?.length).toBeGreaterThanOrEqual(5);
});

test("a trainer rejects a model that it does not know, and registers nothing", async () => {
  const failed = await run(mlflow.python, ["examples/python/train.py"], {
    env: environment({ model: "oracle" }),
  }).catch((error) => error);
  expect(failed).toMatchObject({ code: 1, stdout: "" });
  expect(failed.stderr).toContain("it must be one of gradient-boosting, random-forest, mlp, logistic-regression");
});

/** Runs `npm run gate` on version 3, which has 0.8975 or so. */
async function gate(policy: object, ...args: string[]) {
  const file = join(await temporaryFolder(), "policy.yaml");
  await writeFile(file, JSON.stringify(policy));
  const all = ["training/gate/cli.ts", "--version", "3", "--policy", file, ...args];
  const answer = await run(process.execPath, all, { env: environment({}) }).catch((error) => error);
  return { code: answer.code ?? 0, stdout: String(answer.stdout), stderr: String(answer.stderr) };
}

test("the gate from the command line says what it would, by its exit code, and writes nothing", async () => {
  const before = await getModelVersion(mlflow.client, MODEL, "3");
  expect(await gate({ accuracy: { min: 0.85 } })).toMatchObject({ code: 0, stdout: expect.stringContaining("passed") });
  const failed = await gate({ accuracy: { min: 0.95 } }, "--json");
  expect(failed.code).toBe(1);
  expect(JSON.parse(failed.stdout)).toMatchObject({ format: "gate-report/2", verdict: "failed" });
  expect(await getModelVersion(mlflow.client, MODEL, "3")).toEqual(before);
});

test("the gate from the command line tells a mistake from a verdict", async () => {
  const unknown = await gate({ acuracy: { min: 0.85 } });
  expect(unknown).toMatchObject({ code: 3, stdout: "" });
  expect(unknown.stderr).toMatch(/acuracy is not a setting\. .*\baccuracy\b/);
  expect(await gate({ accuracy: { min: 0.85 } }, "--version", "99")).toMatchObject({ code: 3 });
});
