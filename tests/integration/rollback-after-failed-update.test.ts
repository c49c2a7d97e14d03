/** Callers reach the failed version, and the registry's Production is the version before: `npm run rollback` with a CLI that notes what it is asked for. */
import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { provider as promotion } from "../../registry/promotion-provider.ts";
import { recordAttempt } from "../../registry/record-attempt.ts";
import { recordFailure } from "../../registry/record-failure.ts";
import { provider as stage } from "../../registry/registry-stage-provider.ts";
import { readDvcPointer } from "../../training/dvc-pointer.ts";
import { provider as gate } from "../../training/gate/quality-gate-provider.ts";
import { temporaryFolder } from "../fixtures/training/pinned-csv.ts";
import { CHURN } from "../fixtures/training/recorded.ts";
import { json, serve } from "../helpers/http-server.ts";
import { proveDeployment } from "../helpers/registry/prove-deployment.ts";
import { testRegistry } from "../helpers/test-registry.ts";

const run = promisify(execFile);
const modelName = "churn-model";
const mlflow = testRegistry();
const registry = () => ({ trackingUri: mlflow.url });
const digests = new Map<string, string>();

async function candidate(version: string) {
  const environment = { MLFLOW_TRACKING_URI: mlflow.url, MLFLOW_EXPERIMENT_NAME: "churn", MODEL_NAME: modelName };
  const data = { TRAINING_DATA: `${CHURN}/train.csv`, EVALUATION_DATA: `${CHURN}/evaluation.csv` };
  await run(process.execPath, ["training/train.ts"], { env: { ...process.env, ...environment, ...data } });
  const { md5: evaluationMd5 } = await readDvcPointer(`${CHURN}/evaluation.csv.dvc`);
  const policy = { accuracy: { min: 0.85 } };
  const evaluationData = `${CHURN}/evaluation.csv`;
  await gate.create({ registry: registry(), modelName, version, policy, evaluationMd5, evaluationData });
  await proveDeployment(mlflow.client, modelName, version);
}

const evaluateGuard = async (version: string) =>
  (await promotion.create({ registry: registry(), modelName, version })).outs;

/** As the update's resources do: the guard, the callers, and the stage only after the last check. */
async function update(version: string, passes: boolean) {
  await candidate(version);
  const outs = await evaluateGuard(version);
  expect(outs).toMatchObject({ wasInProduction: false });
  digests.set(version, outs.modelSha256);
  await proveDeployment(mlflow.client, modelName, version, { environment: "production", passed: passes });
  if (passes) return void (await stage.create({ ...outs, version, environment: "production" }));
  const failure = { version, modelSha256: outs.modelSha256, why: "latency: p95 120 ms > 100 ms allowed" };
  await recordFailure(mlflow.client, { environment: "production", modelName, ...failure });
}

/** Runs the command beside a service that answers as the version that `up` was last asked for. */
const rollback = (serving: string, ...args: string[]) => rollbackBy("exit 0", serving, ...args);

/** @param up what the CLI does when it is asked to update */
async function rollbackBy(up: string, serving: string, ...args: string[]) {
  const cwd = await temporaryFolder();
  const [bin, outputs, asked] = [join(cwd, "bin"), join(cwd, "outputs.json"), join(cwd, "asked")];
  await using service = await serve(async (_request, response) => {
    const calls = await readFile(asked, "utf8").catch(() => "");
    const moved = up === "exit 0" ? /^up .*promotion\.version=(\d+)/m.exec(calls)?.[1] : undefined;
    const version = moved ?? serving;
    const sha256 = digests.get(version) ?? "";
    json(response, { status: "ok", stage: "Production", model: modelName, version, sha256 });
  });
  await writeFile(
    join(cwd, "Pulumi.live.yaml"),
    `config: { "model-promotion:environment": production, "model-promotion:modelName": ${modelName}, "model-promotion:target": local }`,
  );
  await writeFile(join(cwd, "Pulumi.yaml"), await readFile("Pulumi.yaml"));
  await mkdir(bin);
  await writeFile(outputs, JSON.stringify({ trackingUri: mlflow.url, modelName, url: service.url }));
  const answers = `case "$1 $2" in "stack output") cat ${outputs}; exit 0;; "config get") exit 1;; esac; case "$1" in up) ${up};; esac`;
  await writeFile(join(bin, "pulumi"), ["#!/bin/sh", `echo "$*" >> ${asked}`, answers].join("\n"));
  await chmod(join(bin, "pulumi"), 0o755);
  const env = { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) };
  const command = ["deploy/rollback.ts", "--stack", "live", "--yes", "--cwd", cwd, ...args];
  return await new Promise<string>((done) => {
    execFile(process.execPath, command, { env }, (_error, out, err) => done(out + err));
  });
}

beforeAll(async () => {
  await update("1", true);
  await update("2", false);
});

test("with one good version it goes back to it, named or not", async () => {
  for (const args of [[], ["--to", "1"]]) {
    const output = await rollback("2", ...args);
    expect(output).toMatch(
      /from {2}version 2, sha256 \w{64}\nto {4}version 1, sha256 \w{64}\n {6}in production since /,
    );
    expect(output).toContain("version 1 serves at http://127.0.0.1:");
  }
});

test("with two it goes back to the registry's, or to the older one that is named", async () => {
  await update("3", true);
  await update("4", false);
  const back = await rollback("4");
  expect(back).toContain("version 3 serves at http://127.0.0.1:");
  expect(await rollback("4", "--to", "1")).toContain("version 1 serves at http://127.0.0.1:");
  // Nothing failed: one version back.
  expect(await rollback("3")).toContain("version 1 serves at http://127.0.0.1:");
  expect(await rollback("3", "--to", "3")).toContain("version 3 is in production already");
});

test("the guard says that a version goes back, so that a canary needs no trial of it", async () => {
  for (const version of ["1", "3"]) expect(await evaluateGuard(version)).toMatchObject({ wasInProduction: true });
  for (const version of ["2", "4"]) expect(await evaluateGuard(version)).toMatchObject({ wasInProduction: false });
});

test("while an update to another version runs, the rollback is refused by its lock, and the config stays with the update", async () => {
  await update("5", true);
  await candidate("6");
  const { modelSha256 } = await evaluateGuard("6");
  await recordAttempt(mlflow.client, { modelName, version: "6", modelSha256 });
  const output = await rollbackBy("exit 255", "5");
  expect(output).toMatch(/from {2}version 6, .*\nto {4}version 5/);
  expect(output).toContain("the update ended with exit code 255");
  expect(output).toContain("Version 5 keeps serving, and promotion.version of stack live is unchanged");
});
