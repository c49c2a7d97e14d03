import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DataContract } from "../../data/contract/data-contract.ts";
import { downloadJson } from "../../registry/artifacts.ts";
import { readGateEvidence } from "../../registry/evidence.ts";
import { getModelVersion } from "../../registry/model-versions.ts";
import { provider as promotion } from "../../registry/promotion-provider.ts";
import { readDvcPointer } from "../../training/dvc-pointer.ts";
import { readContract } from "../../training/gate/contract/parse-contract.ts";
import { contractSha256, policySha256 } from "../../training/gate/policy.ts";
import { provider as gate } from "../../training/gate/quality-gate-provider.ts";
import type { GateReport } from "../../training/gate/report.ts";
import { CHURN } from "../fixtures/training/recorded.ts";
import { MODEL, type RegisteredChurn, registerChurn } from "../helpers/registered-churn.ts";
import { startService } from "../service/helpers/service-process.ts";

// As they run in a stack: a registered model, snapshots with their pointers, the command, a process that is asked over HTTP.
const run = promisify(execFile);
const POLICY = { accuracy: { min: 0.85 } };
let churn: RegisteredChurn;
let folder: string;
let mlflow: RegisteredChurn["mlflow"];
let client: RegisteredChurn["client"];
beforeAll(async () => {
  churn = await registerChurn();
  ({ folder, mlflow, client } = churn);
});
afterAll(() => churn?.[Symbol.asyncDispose]());

const contractCommand = (...args: string[]) =>
  run(process.execPath, ["training/gate/contract/contract-cli.ts", ...args]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );

async function judge(contract: DataContract) {
  const evaluation = `${CHURN}/evaluation.csv`;
  return gate.create({
    registry: { trackingUri: mlflow.url },
    modelName: MODEL,
    version: "1",
    policy: POLICY,
    contract,
    evaluationData: evaluation,
    evaluationMd5: (await readDvcPointer(`${evaluation}.dvc`)).md5,
    trainingData: `${CHURN}/train.csv`,
    referenceData: `${CHURN}/reference.csv`,
  });
}

async function report(): Promise<GateReport> {
  const { report = "" } = readGateEvidence(await getModelVersion(client, MODEL, "1")) ?? {};
  const cut = report.lastIndexOf("/");
  return (await downloadJson(client, report.slice(0, cut), report.slice(cut + 1))) as GateReport;
}

test("a contract is learned, kept by the gate's snapshots, recorded, and refuses at production's service what breaks it", async () => {
  const file = join(folder, "contract.yaml");
  const learned = await contractCommand("--data", `${CHURN}/reference.csv`, "--out", file);
  expect(learned).toMatchObject({ code: 0, stderr: expect.stringContaining("10 columns, learned from") });
  expect(await contractCommand("--data", `${CHURN}/reference.csv`, "--out", file)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("already exists. Overwrite it with --force"),
  });
  expect(await contractCommand("--check", file, "--data", `${CHURN}/evaluation.csv`)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("meets the data contract"),
  });
  expect(await readFile(file, "utf8")).toMatch(/^ {2}f0: \{ type: number, missing: 0, min: -\S+, max: \S+ \} # -/m);
  const contract = await readContract(file);
  await judge(contract);
  const { checks, contract: recorded, policySha256: digest, facts } = await report();
  expect(checks.filter(({ check }) => check.startsWith("data.contract")).map(({ outcome }) => outcome)).toEqual(
    new Array(3).fill("pass"),
  );
  expect(recorded).toEqual({ sha256: contractSha256(contract), terms: contract });
  expect(digest).toBe(policySha256(POLICY, { contract }));
  expect(facts.contract?.map(({ name }) => name)).toEqual(["evaluation", "training", "reference"]);

  const override = {
    version: "1",
    reason: "no staging here",
    who: "ada",
    expires: new Date(Date.now() + 3_600_000).toISOString(),
  };
  const task = { registry: { trackingUri: mlflow.url }, modelName: MODEL, version: "1", override };
  const { outs } = await promotion.create(task);
  const env = { MODEL_URI: `models:/${MODEL}/1`, MLFLOW_TRACKING_URI: mlflow.url, MODEL_CACHE: join(folder, "cache") };
  await using service = await startService(
    { ...env, DATA_CONTRACT: outs.dataContract ?? "", DATA_CONTRACT_MODE: "refuse" },
    "main.ts",
  );
  const ask = async (first: number) => {
    const body = JSON.stringify({ features: [[first, 0, 0, 0, 0, 0, 0, 0, 0, 0]] });
    const response = await fetch(`${service.url}/predict`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    return { status: response.status, answer: (await response.json()) as { detail?: string; pointer?: string } };
  };
  expect((await ask(0.5)).status).toBe(200);
  expect(await ask(1e6)).toMatchObject({
    status: 422,
    answer: {
      pointer: "/features/0",
      detail: `row 0: column f0 must not be above ${contract.columns.f0?.max}, got 1000000 (data contract)`,
    },
  });
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  expect(metrics).toContain('inference_contract_violations_total{column="f0",rule="max"} 1');
});

test("a broken contract fails the gate, with column, rows, example and row", async () => {
  await expect(judge({ columns: { f0: { max: 1 }, f9: { min: -0.5 } } })).rejects.toThrow(
    /evaluation\.csv violates the data contract: column f0 is above 1 in \d+ of 400 rows, such as [\d.]+ in row \d+; column f9 is below -0\.5/,
  );
  expect(await report()).toMatchObject({ verdict: "failed" });
});

test("what is wrong with a contract's file is one line", async () => {
  expect(await contractCommand("--check", join(folder, "none.yaml"))).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^contract: data\.contract .*none\.yaml cannot be read: ENOENT/),
  });
});
