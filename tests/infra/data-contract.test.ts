import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { parseSettings } from "../../infra/settings.ts";
import { temporaryFolder } from "../fixtures/training/pinned-csv.ts";
import { mockedProduction, mockedStaging, PROMOTED, DATA as SNAPSHOTS } from "./docker/docker-program.ts";
import { render } from "./kubernetes/render.ts";
import { configOf, named, runProgram } from "./program.ts";

// The first run loads the SDK.
vi.setConfig({ testTimeout: 60_000 });

const CONTRACT = { rows: { min: 1 }, columns: { f0: { min: -9, unique: true }, id: { unique: true } } };
const OF_SERVICE = JSON.stringify({ columns: { f0: { min: -9 } } });
const PROMOTION = { promotion: { version: "1" }, mlflow: { stack: "organization/model-promotion/staging" } };

test("passes the content of the contract's file to the gate, and the rules of a row to the service", async () => {
  const path = join(await temporaryFolder(), "contract.yaml");
  await writeFile(
    path,
    `# for people\nrows: { min: 1 }\ncolumns:\n  f0: { min: -9, unique: true }\n  id: { unique: true }\n`,
  );
  const { declared } = await runProgram(configOf("staging", { data: { ...SNAPSHOTS, contract: path } }));
  expect(named(declared, "churn-model-gate").inputs.contract).toEqual(CONTRACT);
  const { environment } = named(declared, "staging-service").inputs as { environment: Record<string, string> };
  expect(environment.DATA_CONTRACT).toBe(OF_SERVICE);
  expect(environment.DATA_CONTRACT_MODE).toBe("count");
});

test("accepts a contract in the config itself, and adds nothing without one", async () => {
  const service = { port: 8000, contract: "refuse" };
  const run = await runProgram(configOf("staging", { data: { ...SNAPSHOTS, contract: CONTRACT }, service }));
  expect(named(run.declared, "churn-model-gate").inputs.contract).toEqual(CONTRACT);
  expect(named(run.declared, "staging-service").inputs.environment).toMatchObject({
    DATA_CONTRACT: OF_SERVICE,
    DATA_CONTRACT_MODE: "refuse",
  });
  const without = await runProgram(configOf("staging", { service }));
  expect(named(without.declared, "churn-model-gate").inputs).not.toHaveProperty("contract");
  expect(JSON.stringify(named(without.declared, "staging-service").inputs)).not.toContain("DATA_CONTRACT");
});

test("production's service gets the contract that the version's gate used", async () => {
  const promoted = { approvedVersion: "1", modelSha256: "b".repeat(64), runId: "r", why: "passed", gateReport: "" };
  const answers = { "pulumi-nodejs:dynamic/promotion:Promotion": { ...promoted, dataContract: OF_SERVICE } };
  const service = { port: 8001, contract: "refuse" };
  const { declared } = await runProgram(configOf("production", { ...PROMOTION, service }), [], answers);
  expect(named(declared, "production-service").inputs.environment).toMatchObject({
    DATA_CONTRACT: OF_SERVICE,
    DATA_CONTRACT_MODE: "refuse",
  });
  // A version without a contract, in the state of this release or of an earlier one: an empty variable counts as not set.
  const without = await runProgram(configOf("production", { ...PROMOTION, service }));
  expect(named(without.declared, "production-service").inputs.environment).toMatchObject({ DATA_CONTRACT: "" });
  const unasked = await runProgram(configOf("production", PROMOTION), [], answers);
  expect(JSON.stringify(named(unasked.declared, "production-service").inputs)).not.toContain("DATA_CONTRACT");
});

test("containers of target docker get the contract", async () => {
  const envsOf = ({ resource }: Awaited<ReturnType<typeof mockedStaging>>, name: string) =>
    (resource(name).inputs as { envs: string[] }).envs;
  const settings = { data: { ...SNAPSHOTS, contract: CONTRACT }, service: { port: 8000, contract: "count" } };
  expect(envsOf(await mockedStaging({ settings }), "staging-service").slice(-2)).toEqual([
    `DATA_CONTRACT=${OF_SERVICE}`,
    "DATA_CONTRACT_MODE=count",
  ]);
  const promotion = { ...PROMOTED, dataContract: OF_SERVICE };
  const production = { settings: { service: { port: 8001, contract: "refuse" } }, answers: { promotion } };
  expect(envsOf(await mockedProduction(production), "production-service").slice(-2)).toEqual([
    `DATA_CONTRACT=${OF_SERVICE}`,
    "DATA_CONTRACT_MODE=refuse",
  ]);
});

test("pods get the contract from their ConfigMap", async () => {
  const manifests = await render({ contract: CONTRACT });
  const config = manifests.find(
    ({ kind, metadata }) => kind === "ConfigMap" && metadata.name.startsWith("churn-model-"),
  );
  expect((config as never as { data: Record<string, string> }).data.DATA_CONTRACT).toBe(OF_SERVICE);
});

test("the error for an invalid contract names file, column and nearest key", async () => {
  const data = { ...SNAPSHOTS, contract: { columns: { f0: { mni: 1 } } } };
  await expect(runProgram(configOf("staging", { data }))).rejects.toThrow(
    /^data\.contract: columns\.f0\.mni is not a setting\. The nearest is columns\.f0\.min$/,
  );
  expect(() => parseSettings(configOf("staging", { data: { ...SNAPSHOTS, contract: 3 } }), "staging")).toThrow(
    "data.contract must be the path of a contract's file, or the contract, got 3",
  );
});
