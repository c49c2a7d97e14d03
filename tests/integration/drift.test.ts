import { execFile } from "node:child_process";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { downloadJson, uploadArtifact } from "../../registry/artifacts.ts";
import { readGateEvidence } from "../../registry/evidence.ts";
import { getModelVersion, setVersionTags } from "../../registry/model-versions.ts";
import { provider as promotion } from "../../registry/promotion-provider.ts";
import { REPORT_PAGE_TAG } from "../../registry/report-url.ts";
import { readDvcPointer } from "../../training/dvc-pointer.ts";
import type { CheckDetails } from "../../training/gate/check-details.ts";
import { provider as gate } from "../../training/gate/quality-gate-provider.ts";
import { pointer } from "../fixtures/training/pinned-csv.ts";
import { CHURN } from "../fixtures/training/recorded.ts";
import { loadNumbers } from "../helpers/number-rows.ts";
import { MODEL, type RegisteredChurn, registerChurn } from "../helpers/registered-churn.ts";
import { startService } from "../service/helpers/service-process.ts";

// Gate and service as they run in a stack: a registered model, snapshots with their pointers, a process that is asked over HTTP.
const run = promisify(execFile);
let churn: RegisteredChurn;
let folder: string;
let mlflow: RegisteredChurn["mlflow"];
let client: RegisteredChurn["client"];
beforeAll(async () => {
  churn = await registerChurn();
  ({ folder, mlflow, client } = churn);
});
afterAll(() => churn?.[Symbol.asyncDispose]());

/** What the last gate gives staging's service. */
let ofGate: string | undefined;

/** What the gate's report says of each feature's drift. */
async function gatePsi(reference: string): Promise<Record<string, number>> {
  const evaluation = `${CHURN}/evaluation.csv`;
  const { outs } = await gate.create({
    registry: { trackingUri: mlflow.url },
    modelName: MODEL,
    version: "1",
    evaluationData: evaluation,
    evaluationMd5: (await readDvcPointer(`${evaluation}.dvc`)).md5,
    referenceData: reference,
    referenceMd5: (await readDvcPointer(`${reference}.dvc`)).md5,
    policy: { data: { drift: { psi: { max: 100 } } } },
  });
  const { report = "" } = readGateEvidence(await getModelVersion(client, MODEL, "1")) ?? {};
  ofGate = outs.driftReference;
  const cut = report.lastIndexOf("/");
  const { facts } = (await downloadJson(client, report.slice(0, cut), report.slice(cut + 1))) as {
    facts: CheckDetails;
  };
  return Object.fromEntries((facts.drift ?? []).map(({ feature, psi }) => [feature, psi]));
}

/** What a service says of it after it has been asked for the evaluation's rows. */
async function servicePsi(reference: string): Promise<Record<string, number>> {
  const env = { MODEL_URI: `models:/${MODEL}/1`, MLFLOW_TRACKING_URI: mlflow.url, MODEL_CACHE: join(folder, "cache") };
  // As a stack starts it, which gives it bins, and as npm run serve does, which takes the snapshot.
  const file = /\.(csv|parquet)$/.test(reference) ? "start.mjs" : "main.ts";
  await using service = await startService({ ...env, DRIFT_REFERENCE: reference }, file);
  const { features, columns, rows } = await loadNumbers(`${CHURN}/evaluation.csv`);
  const width = columns.length;
  const all = Array.from({ length: rows }, (_, row) => [...features.subarray(row * width, (row + 1) * width)]);
  // Twice: fewer than 500 rows say nothing of drift.
  for (let from = 0; from < 2 * rows; from += 40) {
    const body = JSON.stringify({ features: all.slice(from % rows, (from % rows) + 40) });
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${service.url}/predict`, { method: "POST", headers, body });
    expect(response.status).toBe(200);
  }
  const { drift } = (await (await fetch(`${service.url}/watch`)).json()) as {
    drift: { rows: number; psi: Record<string, number> };
  };
  expect(drift.rows).toBe(2 * rows);
  return drift.psi;
}

/** The first rows of the reference, shifted: their drift is large, and float32 has not all of their digits. */
async function shiftedReference(): Promise<string> {
  const [head = "", ...lines] = (await readFile(`${CHURN}/reference.csv`, "utf8")).trimEnd().split("\n");
  const shifted = lines.slice(0, 1003).map((line) => {
    const [first, second, ...rest] = line.split(",");
    return [Number(first) + 0.1, Math.round(Number(second)) / 10, ...rest].join(",");
  });
  const text = `${[head, ...shifted].join("\n")}\n`;
  const path = join(folder, "shifted.csv");
  await writeFile(path, text);
  await writeFile(`${path}.dvc`, pointer(text, "shifted.csv"));
  return path;
}

async function parquetReference(): Promise<string> {
  const path = join(folder, "reference.parquet");
  await cp("tests/fixtures/training/parquet/reference.parquet", path);
  await writeFile(`${path}.dvc`, pointer(await readFile(path), "reference.parquet"));
  return path;
}

test("gate and service find the same drift of the same rows, from CSV and from Parquet", async () => {
  for (const reference of [`${CHURN}/reference.csv`, await shiftedReference(), await parquetReference()]) {
    const [ofGate, ofService] = [await gatePsi(reference), await servicePsi(reference)];
    expect(Object.keys(ofService)).toEqual(Array.from({ length: 10 }, (_, index) => `f${index}`));
    for (const [feature, psi] of Object.entries(ofService)) {
      expect(psi).toBeGreaterThan(0);
      expect(Math.abs(psi - (ofGate[feature] ?? Number.NaN)), `${feature} of ${reference}`).toBeLessThan(1e-12);
    }
  }
});

/** Lets the version pass the guard. */
async function promote() {
  const override = {
    version: "1",
    reason: "no staging here",
    who: "ada",
    expires: new Date(Date.now() + 3_600_000).toISOString(),
  };
  const task = { registry: { trackingUri: mlflow.url }, modelName: MODEL, version: "1", override };
  const { outs } = await promotion.create(task);
  // The engine refuses an answer that has one.
  expect(Object.values(outs)).not.toContain(undefined);
  return outs;
}

test("the gate leaves the bins in the registry, and production takes them from there; without them it goes on", async () => {
  await gatePsi(await parquetReference());
  const { driftReference } = await promote();
  // Staging has the same.
  expect(driftReference).toBe(ofGate);
  expect(JSON.parse(driftReference ?? "").map(({ name }: { name: string }) => name)).toHaveLength(11);
  expect(await servicePsi(driftReference ?? "")).toEqual(await servicePsi(await parquetReference()));
  const say = vi.spyOn(console, "error").mockImplementation(() => {});
  const { report = "" } = readGateEvidence(await getModelVersion(client, MODEL, "1")) ?? {};
  const folder = report.slice("mlflow-artifacts:/".length, report.lastIndexOf("/"));
  const { md5 } = await readDvcPointer(`${await parquetReference()}.dvc`);
  await client.request("DELETE", `mlflow-artifacts/artifacts/${folder}/reference-bins-${md5}.json`);
  expect((await promote()).driftReference).toBe("");
  expect(say.mock.calls.join()).toContain("no drift will be shown for churn-model version 1");
  say.mockRestore();
});

test("a version that an earlier release judged has neither bins nor a page, and passes all the same", async () => {
  await gatePsi(await parquetReference());
  const { tags } = await getModelVersion(client, MODEL, "1");
  const { report = "" } = readGateEvidence(await getModelVersion(client, MODEL, "1")) ?? {};
  const folder = report.slice(0, report.lastIndexOf("/"));
  const { referenceBins: _, ...earlier } = (await downloadJson(
    client,
    folder,
    report.slice(folder.length + 1),
  )) as object & {
    referenceBins: unknown;
  };
  await uploadArtifact(client, folder, "earlier.json", JSON.stringify(earlier));
  const version = { name: MODEL, version: "1" };
  await setVersionTags(client, version, { "gate.report": `${folder}/earlier.json` });
  for (const key of [REPORT_PAGE_TAG, "gate.report_sha256"])
    await client.call("DELETE", "mlflow/model-versions/delete-tag", { body: { ...version, key } });
  const outs = await promote();
  expect(outs).not.toHaveProperty("reportPage");
  expect(outs).not.toHaveProperty("driftReference");
  expect((await getModelVersion(client, MODEL, "1")).tags[REPORT_PAGE_TAG]).toBeUndefined();
  await setVersionTags(client, version, tags);
});

test("the bins that npm run drift-bins prints are those that a service makes of the snapshot itself", async () => {
  const reference = await parquetReference();
  const { stdout } = await run(process.execPath, ["training/gate/drift-bins-cli.ts", reference]);
  const file = join(folder, "bins.json");
  await writeFile(file, stdout);
  expect(await servicePsi(file)).toEqual(await servicePsi(reference));
  const none = run(process.execPath, ["training/gate/drift-bins-cli.ts", join(folder, "none.csv")]);
  await expect(none).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/none\.csv is missing\.[^\n]+\n$/),
  });
});
