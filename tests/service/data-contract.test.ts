import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { contractSchema, serviceContractText } from "../../data/contract/data-contract.ts";
import { createApp } from "../../service/app.ts";
import { openPredictor } from "../../service/predictor/predictor.ts";
import { readSettings } from "../../service/settings.ts";
import { addContractCounts, RequestContract } from "../../service/watch/contract.ts";
import { readContract } from "../../service/watch/read-contract.ts";
import { temporaryFolder } from "../fixtures/training/pinned-csv.ts";
import { floats } from "./helpers/tables.ts";
import { MODEL } from "./helpers/test-app.ts";
import { mlmodelOf, testModel } from "./helpers/test-model.ts";

const CONTRACT = contractSchema.parse({
  columns: { a: { min: 0, max: 5 }, b: { type: "integer" }, other: { missing: 0 } },
});
const SIGNATURE = floats(3, ["a", "b", "c"]);

async function served(mode: "count" | "refuse" | "none") {
  await using files = await testModel({
    mlmodel: {
      ...mlmodelOf(3),
      signature: { inputs: JSON.stringify(["a", "b", "c"].map((name) => ({ name, type: "float", required: true }))) },
    },
  });
  const predictor = await openPredictor(files.folder);
  const contract = mode === "none" ? undefined : new RequestContract(CONTRACT, predictor.signature, mode === "refuse");
  const app = createApp({ predictor, model: MODEL, limits: { maxRows: 100, maxBodyBytes: 1e6 }, contract });
  const ask = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await app.request(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
  };
  const counts = async () => {
    const text = await (await app.request("/metrics")).text();
    return text.split("\n").filter((line) => line.startsWith("inference_contract_violations_total{"));
  };
  return { ask, counts };
}

const ROWS = [
  [1, 2, 3],
  [-1, 2.5, 3],
  [9, 1, 3],
];
const COUNTED = [
  'inference_contract_violations_total{column="a",rule="max"} 1',
  'inference_contract_violations_total{column="a",rule="min"} 1',
  'inference_contract_violations_total{column="b",rule="type"} 1',
];

test("counts violations by column and rule, and still answers", async () => {
  const { ask, counts } = await served("count");
  expect((await ask("/predict", { features: ROWS })).status).toBe(200);
  expect((await counts()).sort()).toEqual(COUNTED);
  expect((await (await served("none")).counts()).length).toBe(0);
});

test("mode refuse rejects with row, column, rule and value, in every request form", async () => {
  const { ask, counts } = await served("refuse");
  expect(await ask("/predict", { features: ROWS })).toEqual({
    status: 422,
    answer: {
      type: "about:blank",
      title: "Unprocessable Entity",
      status: 422,
      pointer: "/features/1",
      detail: "row 1: column a must not be below 0, got -1 (data contract)",
    },
  });
  // Rejected violations are counted as well.
  expect((await counts()).sort()).toEqual(COUNTED);
  const split = { dataframe_split: { columns: ["c", "b", "a"], data: [[1, 2.5, 1]] } };
  expect(await ask("/invocations", split)).toMatchObject({
    status: 422,
    answer: {
      pointer: "/dataframe_split/data/0",
      detail: "row 0: column b must be of type integer, got 2.5 (data contract)",
    },
  });
  const inputs = ["a", "b", "c"].map((name) => ({ name, shape: [1, 1], datatype: "FP32", data: [6] }));
  expect(await ask(`/v2/models/${MODEL.name}/infer`, { inputs })).toMatchObject({
    status: 422,
    answer: { detail: "row 0: column a must not be above 5, got 6 (data contract)" },
  });
  expect((await ask("/predict", { features: [[1, 2, 3]] })).status).toBe(200);
});

test("rejects probes like other requests, without counting them", async () => {
  const { ask, counts } = await served("refuse");
  expect((await ask("/predict", { features: ROWS }, { "x-inference-probe": "1" })).status).toBe(422);
  expect(await counts()).toEqual([]);
});

test("checks strings, missing values and types of a mixed model", async () => {
  const predictor = await openPredictor(join(import.meta.dirname, "../fixtures/parity/penguins-mixed"));
  const contract = contractSchema.parse({
    columns: { island: { categories: ["Dream"] }, sex: { missing: 0 }, body_mass_g: { max: 4_000 } },
  });
  const watch = new RequestContract(contract, predictor.signature, true);
  const app = createApp({ predictor, model: MODEL, limits: { maxRows: 10, maxBodyBytes: 1e5 }, contract: watch });
  const row = {
    bill_length_mm: 39.1,
    bill_depth_mm: 18.7,
    flipper_length_mm: 181,
    body_mass_g: 3_750,
    island: "Dream",
    sex: "male",
  };
  const detail = async (changes: object) => {
    const body = JSON.stringify({ instances: [{ ...row, ...changes }] });
    const response = await app.request("/predict", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    return ((await response.json()) as { detail?: string }).detail;
  };
  expect(await detail({})).toBeUndefined();
  expect(await detail({ island: "Atlantis" })).toBe(
    'row 0: column island is not one of the values that the contract lists, got "Atlantis" (data contract)',
  );
  expect(await detail({ body_mass_g: 4_001 })).toMatch(/^row 0: column body_mass_g must not be above 4000, got 4001/);
});

test("adds up counts of several processes, including columns with spaces in their names", () => {
  expect(addContractCounts([{ "min a b": 1 }, { "min a b": 2, "type a b": 1 }, {}])).toEqual({
    "min a b": 3,
    "type a b": 1,
  });
});

test("DATA_CONTRACT is a contract or its file, and an invalid one is explained", async () => {
  const path = join(await temporaryFolder(), "contract.yaml");
  await writeFile(path, "columns: { a: { min: 0 }, z: { max: 1 } }\n");
  expect((await readContract(path, SIGNATURE, "refuse")).columns).toEqual(["a"]);
  expect((await readContract('{"columns":{"a":{},"b":{}}}', SIGNATURE, "count")).columns).toEqual(["a", "b"]);
  await expect(readContract('{"columns":{"a":{"min":"x"}}}', SIGNATURE, "count")).rejects.toThrow(
    "DATA_CONTRACT: columns.a.min must be a date",
  );
  await expect(readContract("none.yaml", SIGNATURE, "count")).rejects.toThrow(
    "DATA_CONTRACT none.yaml cannot be read: ENOENT",
  );
  await expect(readContract('{"columns":{"z":{}}}', SIGNATURE, "refuse")).rejects.toThrow(
    "DATA_CONTRACT has no column of the model, which takes a, b, c",
  );
  expect((await readContract('{"columns":{"z":{}}}', SIGNATURE, "count")).columns).toEqual([]);
  expect(() => readSettings({ MODEL_URI: "m", DATA_CONTRACT_MODE: "block" })).toThrow(
    'DATA_CONTRACT_MODE is "block": must be one of count, refuse',
  );
});

test("a service receives only rules for single rows", () => {
  const contract = contractSchema.parse({
    rows: { min: 1 },
    columns: { a: { min: 0, missing: 0.5, unique: true }, b: { missing: 0 }, c: { unique: true }, d: {} },
  });
  expect(JSON.parse(serviceContractText(contract))).toEqual({ columns: { a: { min: 0 }, b: { missing: 0 } } });
  expect(serviceContractText(contractSchema.parse({ rows: { min: 1 } }))).toBe("");
});
