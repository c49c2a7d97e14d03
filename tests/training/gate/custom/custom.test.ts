import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Table } from "../../../../data/table.ts";
import { checkModel } from "../../../../training/gate/check-model.ts";
import { openCustom } from "../../../../training/gate/checks/custom.ts";
import { customPolicy } from "../../../../training/gate/checks/custom-policy.ts";
import { predictionsTable } from "../../../../training/gate/custom/predictions-table.ts";
import { metricEnvironment } from "../../../../training/gate/custom/run-metric.ts";
import type { Evaluation } from "../../../../training/gate/evaluation.ts";
import { evaluationData } from "../../../../training/gate/evaluation-data.ts";
import type { AnsweredRows } from "../../../../training/gate/metrics/answered-rows.ts";
import { metricsOf } from "../../../../training/gate/metrics/metrics-of.ts";
import { parsePolicy, policySha256 } from "../../../../training/gate/policy.ts";
import { buildReport } from "../../../../training/gate/report.ts";
import { decide } from "../../../../training/gate/verdict.ts";
import { pinnedCsv } from "../../../fixtures/training/pinned-csv.ts";
import { testNeedingPython } from "../../../helpers/test-needing.ts";
import { mlmodelOf, testModel } from "../../../service/helpers/test-model.ts";
import { randomRows } from "../metrics/random-rows.ts";

const { python, testWithPython } = await testNeedingPython();

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "custom-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ROWS = 60;
const evaluated = (rows: AnsweredRows): Evaluation => ({ ...rows, sumError: 0, samples: [], metrics: metricsOf(rows) });
const binary = evaluated({ ...randomRows.binary(ROWS), classes: ["no", "yes"] });
const table: Table = {
  rows: ROWS,
  fields: [
    { name: "amount", type: "float64", nullable: false },
    { name: "region", type: "string", nullable: true },
  ],
  columns: [
    { kind: "number", data: Float64Array.from({ length: ROWS }, (_, row) => row), offset: 0, stride: 1 },
    {
      kind: "text",
      codes: Int32Array.from({ length: ROWS }, (_, row) => (row % 3) - 1),
      dictionary: ["north", "south"],
    },
  ],
};
const snapshot = { path: "evaluation.csv", md5: "m", rows: ROWS, table, truth: undefined, unfit: new Map() };

const script = async (name: string, text: string) => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};
const node = async (name: string, text: string) => [process.execPath, await script(`${name}.mjs`, text)];
const judge = async (metrics: object, evaluation: Evaluation = binary) => {
  const policy = customPolicy.parse(metrics);
  const custom = await openCustom(evaluation, snapshot, policy);
  const results = await custom.judge(policy).finally(custom.close);
  return { results, metrics: custom.metrics };
};

testWithPython(
  "a Python command reads truth, prediction, scores and the snapshot's columns",
  { timeout: 60_000 },
  async () => {
    const path = await script(
      "revenue.py",
      `import json, os, sys
import pandas as pd

rows = pd.read_parquet(sys.argv[-1])
assert sys.argv[-1] == os.environ["PREDICTIONS"]
print("columns:", ", ".join(rows.columns))
kept = rows[rows["prediction"] == "yes"]
value = float((kept["amount"] * (kept["truth"] == "yes") * kept["probability_yes"]).sum())
assert abs(rows["probability_no"] + rows["probability_yes"] - 1).max() < 1e-12
assert rows["region"].isna().sum() == ${ROWS / 3}
print(json.dumps({"value": value, "interval": [value - 1, value + 1]}))
`,
    );
    if (binary.task !== "binary" || !binary.positive) throw new Error("probabilities were expected");
    let expected = 0;
    for (let row = 0; row < ROWS; row++)
      if (binary.labels[row] === 1 && binary.predicted[row] === 1) expected += row * (binary.positive[row] as number);
    const { results, metrics } = await judge({
      revenue: { command: [python, path], min: expected - 0.5, max: expected + 2, confidence: 0.9 },
    });
    expect(metrics["custom.revenue"]).toBeCloseTo(expected, 9);
    expect(results).toMatchObject([
      {
        ...{
          check: "custom.revenue",
          group: "custom",
          outcome: "fail",
          required: true,
          relation: ">=",
          confidence: 0.9,
        },
        detail: expect.stringContaining("lower bound at 90 %"),
        why: expect.stringMatching(/printed by .*revenue\.py \(.*revenue\.py sha256 [0-9a-f]{64}/),
      },
      { outcome: "pass", relation: "<=" },
    ]);
  },
);

test("a Node command receives no secrets, and its file is deleted", async () => {
  process.env.MLFLOW_TRACKING_TOKEN = "do-not-tell";
  try {
    const file = join(folder, "environment.json");
    const command = await node(
      "environment",
      `import { readFileSync, writeFileSync } from "node:fs";
const magic = readFileSync(process.argv.at(-1)).subarray(0, 4).toString();
writeFileSync(${JSON.stringify(file)}, JSON.stringify({ ...process.env, magic }));
console.log(JSON.stringify({ value: 2 }));`,
    );
    const { results, metrics } = await judge({ two: { command, min: 1.5, confidence: undefined } });
    expect([results, metrics]).toMatchObject([
      [{ outcome: "pass", detail: "two 2.00 >= 1.50 required" }],
      { "custom.two": 2 },
    ]);
    const environment = JSON.parse(await readFile(file, "utf8"));
    expect(environment.magic).toBe("PAR1");
    expect(environment.PATH).toBe(process.env.PATH);
    expect(JSON.stringify(environment)).not.toContain("do-not-tell");
    await expect(readFile(environment.PREDICTIONS)).rejects.toThrow("ENOENT");
  } finally {
    delete process.env.MLFLOW_TRACKING_TOKEN;
  }
});

test("only variables that a program needs to start are passed on", () => {
  const secrets = {
    ...{ MLFLOW_TRACKING_PASSWORD: "s", AWS_SECRET_ACCESS_KEY: "s", PULUMI_CONFIG_PASSPHRASE: "s", GITHUB_TOKEN: "s" },
    ...{ MY_PATH: "s", NODE_OPTIONS: "s", HTTPS_PROXY: "s" },
  };
  const env = { ...secrets, PATH: "/bin", LC_ALL: "C", VIRTUAL_ENV: "/venv" };
  expect(metricEnvironment(env, { predictions: "/p", confidence: 0.9 })).toEqual({
    ...{ PATH: "/bin", LC_ALL: "C", VIRTUAL_ENV: "/venv", PREDICTIONS: "/p", CONFIDENCE: "0.9" },
  });
});

test.each<[string, string, object, string]>([
  [
    "exit code",
    'console.error("first\\nno column amount");console.log(\'{"value": 1}\');process.exitCode = 3',
    {},
    "exited with code 3; last lines on stderr: first | no column amount",
  ],
  ["no JSON", 'console.log("fine")', {}, "printed a last line that is not JSON: fine"],
  ["NaN", "console.log('{\"value\": NaN}')", {}, "has a value that is not a finite number"],
  ["no interval", "console.log('{\"value\": 1}')", { confidence: 0.95 }, 'the command printed no "interval"'],
])("a command with %s fails its check and yields no metric", async (name, text, more, message) => {
  const command = await node(name.replaceAll(" ", "-"), text);
  const { results, metrics } = await judge({ m: { command, min: 0, ...more } });
  expect(results).toMatchObject([{ check: "custom.m", outcome: "fail", detail: expect.stringContaining(message) }]);
  expect(results[0]?.value).toBeUndefined();
  if (name !== "no interval") expect(metrics).toEqual({});
});

test("a missing program fails its check", async () => {
  const { results } = await judge({ m: { command: ["/no/such/program"], min: 0, level: "advisory" } });
  expect(results).toMatchObject([
    { outcome: "fail", required: false, detail: expect.stringContaining("/no/such/program was not found") },
  ]);
});

test("a command that times out is killed with all processes it started", async () => {
  const pidFile = join(folder, "child.pid");
  const command = await node(
    "slow",
    `import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
const child = spawn("sleep", ["60"], { stdio: "inherit" });
writeFileSync(${JSON.stringify(pidFile)}, String(child.pid));
setInterval(() => {}, 1_000);`,
  );
  const started = Date.now();
  const { results } = await judge({ slow: { command, min: 0, timeoutSeconds: 2 } });
  expect(results[0]?.detail).toContain("timed out after 2 s (timeoutSeconds)");
  expect(Date.now() - started).toBeLessThan(20_000);
  const pid = Number(await readFile(pidFile, "utf8"));
  expect(pid).toBeGreaterThan(0);
  await expect.poll(() => isRunning(pid)).toBe(false);
});

test("orphaned children of a command do not delay its result", async () => {
  const command = await node(
    "leaves",
    `import { spawn } from "node:child_process";
spawn("sleep", ["60"], { stdio: "inherit" }).unref();
console.log('{"value": 1}');`,
  );
  const started = Date.now();
  const { results } = await judge({ m: { command, min: 0 } });
  expect(results).toMatchObject([{ outcome: "pass" }]);
  expect(Date.now() - started).toBeLessThan(20_000);
});

/** A process that has exited may remain until its new parent reaps it. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return !/\) Z /.test(stat);
}

test("the file has the columns of each task", () => {
  const names = (evaluation: Evaluation) => {
    const found = predictionsTable(evaluation, snapshot);
    return typeof found === "string" ? found : found.fields.map(({ name, type }) => `${name} ${type}`);
  };
  const own = ["amount float64", "region string"];
  expect(names(binary)).toEqual([
    ...["truth string", "prediction string", "probability_no float64", "probability_yes float64", ...own],
  ]);
  const many = evaluated(randomRows.multiclass(ROWS, 1, 3));
  expect(names(many)).toEqual([
    ...["truth string", "prediction string"],
    ...["probability_c0 float64", "probability_c1 float64", "probability_c2 float64", ...own],
  ]);
  expect(names({ ...evaluated(randomRows.regression(ROWS, 1, ["y"])), weights: new Float64Array(ROWS) })).toEqual([
    ...["truth float64", "prediction float64", "weight float64", ...own],
  ]);
  expect(names(evaluated(randomRows.regression(ROWS)))).toEqual([
    ...["truth_a float64", "prediction_a float64", "truth_b float64", "prediction_b float64", ...own],
  ]);
  const { positive: _, ...margins } = randomRows.binary(ROWS);
  expect(names(evaluated(margins))).toEqual(["truth int64", "prediction int64", "score float64", ...own]);
  expect(names(evaluated({ ...margins, anomaly: { scores: "low", unlabelled: true } }))).toEqual([
    ...["truth int64", "score float64", ...own],
  ]);
  const fields = [{ name: "Truth", type: "float64", nullable: false } as const, ...table.fields.slice(1)];
  expect(predictionsTable(binary, { path: "p.csv", table: { ...table, fields } })).toBe(
    "column Truth of p.csv has a name that is reserved for custom metrics. Rename it, or drop it with data.ignore",
  );
  const alike = [{ name: "Region", type: "float64", nullable: false } as const, ...table.fields.slice(1)];
  expect(predictionsTable(binary, { path: "p.csv", table: { ...table, fields: alike } })).toBe(
    "columns Region and region of p.csv differ only in case, which custom metrics cannot distinguish. Rename one, or drop it with data.ignore",
  );
});

test("its value is a metric of the run and of the report, next to the model's own", async () => {
  const command = await node("rows", "console.log(JSON.stringify({ value: 4, interval: [3.5, 4.5] }))");
  const policy = parsePolicy({ accuracy: { min: 0 }, custom: { rows: { command, min: 3, confidence: 0.95 } } }, "gate");
  const path = await pinnedCsv("id,a,b,c,label\n7,1,2,3,1\n8,-1,0.5,-0.25,0\n9,0.1,0.2,0.3,1\n10,-2,1,0,0\n");
  const inputs = ["a", "b", "c"].map((name) => ({ name, type: "float", required: true }));
  await using model = await testModel({
    mlmodel: { ...mlmodelOf(3), signature: { inputs: JSON.stringify(inputs) } },
  });
  const found = await checkModel({ folder: model.folder, policy }, async (opened) => ({
    snapshot: await evaluationData({ path, policy }, opened),
  }));
  expect(found.checks.map(({ check, outcome }) => [check, outcome])).toEqual([
    ["accuracy", "pass"],
    ["custom.rows", "pass"],
  ]);
  const report = buildReport({
    version: { name: "m", version: "1", runId: "r" },
    ...{ digest: "d", trustedDigest: "d", policy, champion: "", runtime: "", ...found },
    ...{ decision: decide(found.checks), judgedAt: new Date(0) },
  });
  expect(report.metrics).toMatchObject({ accuracy: 1, "custom.rows": 4 });
  expect(report.checks.at(-1)).toMatchObject({ value: 4, interval: [3.5, 4.5], confidence: 0.95 });
});

test("the command is part of the policy and its hash", () => {
  const policy = (command: unknown) => parsePolicy({ custom: { revenue: { command, min: 0 } } }, "gate");
  expect(policySha256(policy(["python3", "a.py"]))).not.toBe(policySha256(policy(["python3", "b.py"])));
  // Stack config turns 10 into a number.
  expect(policy(["python3", "a.py", 10])).toEqual(policy(["python3", "a.py", "10"]));
});

test.each([
  [{ m: { command: ["x"] } }, "custom.m must have min or max"],
  [{ m: { command: [], min: 0 } }, "custom.m.command must name a program"],
  [{ m: { command: "python3 a.py", min: 0 } }, "custom.m.command must be a list of a program and its arguments"],
  [{ m: { command: ["x"], min: 2, max: 1 } }, "must not have a min above its max"],
  [{ m: { command: ["x"], min: 0, timeoutSeconds: 0 } }, "must be more than 0 and at most 86400"],
  [{ "my metric": { command: ["x"], min: 0 } }, "must have a name of up to 64 letters"],
  [{ m: { comand: ["x"], min: 0 } }, "The nearest is custom.m.command"],
])("rejects the policy %j", (custom, message) => {
  expect(() => parsePolicy({ custom }, "gate")).toThrow(message);
});
