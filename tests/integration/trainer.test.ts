import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { downloadArtifact, downloadModel } from "../../registry/artifacts.ts";
import { getModelVersion, searchModelVersions } from "../../registry/model-versions.ts";
import { getRun } from "../../registry/runs.ts";
import { pinnedCsv, temporaryFolder } from "../fixtures/training/pinned-csv.ts";
import { CHURN, scikitLearn } from "../fixtures/training/recorded.ts";
import { testRegistry } from "../helpers/test-registry.ts";

const run = promisify(execFile);
const MODEL = "churn-model";
const MD5 = "823c7d11ba47cc5342be77bd71a0d886";

const mlflow = testRegistry();

/** Runs the trainer as the infrastructure does: a command that knows nothing but its environment. */
async function train(environment: Record<string, string> = {}) {
  const env = {
    ...process.env,
    MLFLOW_TRACKING_URI: mlflow.url,
    MLFLOW_EXPERIMENT_NAME: "churn",
    MODEL_NAME: MODEL,
    TRAINING_DATA: `${CHURN}/train.csv`,
    EVALUATION_DATA: `${CHURN}/evaluation.csv`,
    ...environment,
  };
  const answer = await run(process.execPath, ["training/train.ts"], { env }).catch((error) => error);
  return { code: answer.code ?? 0, stdout: String(answer.stdout), stderr: String(answer.stderr) };
}

const python = async (script: string) => {
  const env = { ...process.env, MLFLOW_TRACKING_URI: mlflow.url, MLFLOW_DISABLE_TELEMETRY: "true" };
  const { stdout } = await run(mlflow.python, ["-c", script], { env });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
};

const runs = async (experiment = "churn") => {
  const found = await mlflow.client.call<{ experiment: { experiment_id: string } }>(
    "GET",
    "mlflow/experiments/get-by-name",
    {
      query: { experiment_name: experiment },
    },
  );
  const answer = await mlflow.client.call<{ runs?: { info: { status: string } }[] }>("POST", "mlflow/runs/search", {
    body: { experiment_ids: [found.experiment.experiment_id] },
  });
  return answer.runs ?? [];
};

describe("a training on the churn data", () => {
  let answer: { run_id: string; version: string };
  beforeAll(async () => {
    const { code, stdout, stderr } = await train();
    expect(code, stderr).toBe(0);
    answer = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  });

  test("registers version 1 with data, code and digest on it", async () => {
    expect(answer.version).toBe("1");
    const version = await getModelVersion(mlflow.client, MODEL, "1");
    expect(version).toMatchObject({ runId: answer.run_id, stage: "None" });
    expect(version.tags).toMatchObject({
      data_version: `dvc:${MD5}`,
      git_commit: expect.stringMatching(/^([0-9a-f]{40}(-dirty)?|unknown)$/),
      "model.sha256": await downloadModel(mlflow.client, version, `${await temporaryFolder()}/model`),
    });
  });

  test("its files are read where a version names them by their run, as MLflow's client may register them", async () => {
    const source = JSON.stringify(`runs:/${answer.run_id}/model`);
    const version = await python(
      `import json, mlflow; c = mlflow.MlflowClient(); c.create_registered_model("by-run"); print(json.dumps(c.create_model_version("by-run", ${source}, ${JSON.stringify(answer.run_id)}).version))`,
    );
    const [byRun, registered] = await Promise.all([
      getModelVersion(mlflow.client, "by-run", String(version)),
      getModelVersion(mlflow.client, MODEL, "1"),
    ]);
    expect(byRun.source).toBe(`runs:/${answer.run_id}/model`);
    const folder = await temporaryFolder();
    expect(await downloadModel(mlflow.client, byRun, `${folder}/model`)).toBe(registered.tags["model.sha256"]);
  });

  test("logs params and its own opinion of the model: 359 of 400 right", async () => {
    const { params, metrics } = await getRun(mlflow.client, answer.run_id);
    expect(params).toMatchObject({ C: "1", maxIterations: "200", rows: "1600", features: "10" });
    expect(metrics["trainer.accuracy"]).toBe(359 / 400);
    expect(metrics["trainer.log_loss"]).toBeCloseTo(scikitLearn.metrics.logLoss, 5);
    expect(metrics["trainer.roc_auc"]).toBeCloseTo(scikitLearn.metrics.rocAuc, 6);
    expect((await runs()).map(({ info }) => info.status)).toEqual(["FINISHED"]);
  });

  test("Python loads the version with MLflow's own loader and predicts scikit-learn's labels", async () => {
    const script = `
import json, mlflow, pandas
model = mlflow.pyfunc.load_model("models:/${MODEL}/1")
table = pandas.read_csv("${CHURN}/evaluation.csv").drop(columns="label")
weights = {i.name: i for i in mlflow.onnx.load_model("models:/${MODEL}/1").graph.initializer}
from onnx import numpy_helper
print(json.dumps({
  "table": model.predict(table)["label"].tolist(),
  "array": model.predict(table.to_numpy())["label"].tolist(),
  "example": model.predict(model.input_example)["label"].tolist(),
  "columns": model.metadata.metadata["columns"],
  "coefficients": numpy_helper.to_array(weights["weights"])[:, 1].tolist(),
  "intercept": numpy_helper.to_array(weights["bias"])[1].item(),
  "run": model.metadata.run_id,
}))`;
    const { table, array, example, columns, coefficients, intercept, run: runId } = await python(script);
    expect(table).toEqual(scikitLearn.evaluation.labels);
    expect(array).toEqual(scikitLearn.evaluation.labels);
    expect(example).toHaveLength(3);
    expect(columns).toEqual(Array.from({ length: 10 }, (_, index) => `f${index}`));
    expect(runId).toBe(answer.run_id);
    for (const [index, theirs] of scikitLearn.lbfgs.coefficients.entries())
      expect(Math.abs(coefficients[index] - theirs)).toBeLessThan(1e-4);
    expect(Math.abs(intercept - scikitLearn.lbfgs.intercept)).toBeLessThan(1e-4);
  });

  test("another regularisation becomes version 2", async () => {
    const { stdout } = await train({ TRAINING_PARAMS: '{"C": 0.1}' });
    expect(JSON.parse(stdout)).toMatchObject({ version: "2" });
    const [first, second] = await Promise.all(
      ["1", "2"].map(async (version) => {
        const { source } = await getModelVersion(mlflow.client, MODEL, version);
        return downloadArtifact(mlflow.client, source, "model.onnx");
      }),
    );
    expect(second).not.toEqual(first);
  });
});

test("two trainings at once, of a model that is not there yet, become two versions", async () => {
  const own = { MODEL_NAME: "raced", MLFLOW_EXPERIMENT_NAME: "raced" };
  const answers = await Promise.all([train(own), train({ ...own, TRAINING_PARAMS: '{"C": 0.1}' })]);
  for (const { code, stderr } of answers) expect(code, stderr).toBe(0);
  const said = answers.map(({ stdout }) => JSON.parse(stdout));
  expect(said.map(({ version }) => version).sort()).toEqual(["1", "2"]);
  for (const { run_id, version } of said) {
    const found = await getModelVersion(mlflow.client, "raced", version);
    expect(found.runId).toBe(run_id);
    expect(await downloadModel(mlflow.client, found, `${await temporaryFolder()}/model`)).toBe(
      found.tags["model.sha256"],
    );
  }
  expect(await runs("raced")).toHaveLength(2);
});

describe("a training that fails", () => {
  test.each([
    [
      "a bad row",
      "a,label\n1,0\nNaN,1\n",
      /data\.csv:3: column a must be a finite number, got "NaN"\. If it means a missing value, list it in data\.missing\. If the model does not take the column, drop it with data\.ignore$/m,
    ],
    ["a single class", "a,label\n1,1\n2,1\n", /data\.csv: all 2 rows have label 1: a classifier needs rows of both/],
    ["no rows", "a,label\n", /data\.csv has a header but no rows$/m],
    [
      "columns unlike the evaluation's",
      "a,label\n1,0\n2,1\n",
      /evaluation\.csv lacks columns of .*data\.csv: a; it has f0, /,
    ],
  ])("on %s says where, and creates nothing", async (_name, content, message) => {
    const path = await pinnedCsv(content);
    const own = { EVALUATION_DATA: message.source.includes("f0") ? `${CHURN}/evaluation.csv` : path };
    const { code, stdout, stderr } = await train({
      TRAINING_DATA: path,
      MODEL_NAME: "never-made",
      MLFLOW_EXPERIMENT_NAME: "never-made",
      ...own,
    });
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(await searchModelVersions(mlflow.client, "never-made")).toEqual([]);
    await expect(runs("never-made")).rejects.toThrow("RESOURCE_DOES_NOT_EXIST");
  });

  test("after its run was made, ends the run as FAILED and registers nothing", async () => {
    const { code, stderr } = await train({ MODEL_NAME: "not/allowed", MLFLOW_EXPERIMENT_NAME: "half-way" });
    expect(code).toBe(1);
    expect(stderr).toContain("Invalid model name");
    expect((await runs("half-way")).map(({ info }) => info.status)).toEqual(["FAILED"]);
  });
});
