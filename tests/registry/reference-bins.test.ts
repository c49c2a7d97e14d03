import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { sha256 } from "../../registry/artifact-digest.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { readStoredBins, storeReferenceBins } from "../../registry/reference-bins.ts";
import { json, serve } from "../helpers/http-server.ts";
import { versionWith } from "./model-version.ts";

const MD5 = "0123456789abcdef0123456789abcdef";
const COLUMNS = [{ name: "x", edges: [1], shares: [0.5, 0.5] }];
const BINS = JSON.stringify({ md5: MD5, rows: 10, columns: COLUMNS });
const FILE = `reference-bins-${MD5}.json`;
const FOLDER = "mlflow-artifacts:/1/r/artifacts/gate";
const REPORT = `${FOLDER}/report-1.json`;

/** Reads the bins from a registry with these files in the version's folder. */
async function read(files: Readonly<Record<string, string>>, report = REPORT) {
  await using registry = await serve(({ path }, response: ServerResponse) => {
    const listed = Object.entries(files).map(([name, text]) => ({ path: name, is_dir: false, file_size: text.length }));
    if (path.includes("?path=")) return json(response, { files: listed });
    const text = files[path.split("/").at(-1) ?? ""];
    if (text === undefined) return json(response, { error_code: "RESOURCE_DOES_NOT_EXIST", message: "none" }, 404);
    response.end(text);
  });
  const said: string[] = [];
  const client = new MlflowClient({ trackingUri: registry.url });
  const bins = await readStoredBins(client, versionWith(), report, (why) => said.push(why));
  return { bins, said };
}
const report = (referenceBins: unknown) => JSON.stringify({ format: "gate-report/2", referenceBins });

test("reads the bins that the gate stored beside its report, in the service's format", async () => {
  const files: Record<string, string> = {};
  await using registry = await serve(({ path, body }, response) => {
    files[path.split("/").at(-1) ?? ""] = body;
    response.end();
  });
  const client = new MlflowClient({ trackingUri: registry.url });
  const stored = await storeReferenceBins(client, "mlflow-artifacts:/1/r/artifacts", BINS);
  expect(stored).toEqual({ md5: MD5, sha256: sha256(BINS) });
  expect(files).toEqual({ [FILE]: BINS });
  const { bins, said } = await read({ ...files, "report-1.json": report(stored) });
  expect(bins).toBe(JSON.stringify(COLUMNS));
  expect(said).toEqual([]);
});

test("distinguishes a gate without a reference from an earlier release, which stored no bins", async () => {
  expect(await read({ "report-1.json": report(null) })).toEqual({ bins: "", said: [] });
  expect(await read({ "report-1.json": report(undefined) })).toEqual({ bins: undefined, said: [] });
  expect(await read({}, "")).toEqual({ bins: "", said: [] });
});

test.for([
  ["another file", { [FILE]: BINS.replace("0.5", "0.4") }, { md5: MD5, sha256: sha256(BINS) }, "has the SHA-256"],
  ["no file", {}, { md5: MD5, sha256: sha256(BINS) }, "the registry has no file reference-bins-"],
  ["no bins", { [FILE]: "[" }, { md5: MD5, sha256: sha256("[") }, "are not JSON"],
  ["a path", { [FILE]: BINS }, { md5: "../../x", sha256: sha256(BINS) }, "md5"],
] as const)("%s where the bins should be: no drift, with the reason and a way out", async ([, files, stored, why]) => {
  const { bins, said } = await read({ ...files, "report-1.json": report(stored) });
  expect(bins).toBe("");
  expect(said.join()).toMatch(/^no drift will be shown for churn-model version 3: .* Judge it again in staging/s);
  expect(said.join()).toContain(why);
});

test("a registry that does not respond is an error, which the next update retries", async () => {
  const client = new MlflowClient({ trackingUri: "http://127.0.0.1:1" });
  await expect(readStoredBins(client, versionWith(), REPORT, () => {})).rejects.toThrow("does not answer");
});
