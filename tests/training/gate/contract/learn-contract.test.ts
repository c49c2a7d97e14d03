import { expect, test } from "vitest";
import { parse } from "yaml";
import { ContractCheck } from "../../../../data/contract/contract-check.ts";
import { contractText } from "../../../../training/gate/contract/contract-text.ts";
import { contractOf, learnContract } from "../../../../training/gate/contract/learn-contract.ts";
import { parseContract } from "../../../../training/gate/contract/parse-contract.ts";
import { seededRandom } from "../../../../training/gate/statistics/random.ts";
import { loadSnapshot } from "../../../../training/snapshot.ts";
import { pinnedCsv } from "../../../fixtures/training/pinned-csv.ts";

/** Rows with one column of each kind. */
function csv(rows: number, seed: number): string {
  const random = seededRandom(seed);
  const cells = (row: number) => [
    `id-${row}`,
    (40 + 10 * random.normal()).toFixed(3),
    Math.exp(random.normal()).toFixed(2),
    random.uniform() < 0.3 ? 1 : 0,
    random.uniform() < 0.1 ? "" : ["basic", "plus", "no"][random.below(3)],
    random.uniform() < 0.5 ? "true" : "false",
    `2026-0${1 + random.below(9)}-01`,
    `town ${random.below(1000)}`,
    0,
  ];
  const header = ["customer", "income", "amount", "active", "plan", "vip", "since", "town", "label"];
  return `${[header, ...Array.from({ length: rows }, (_, row) => cells(row))].map((line) => line.join(",")).join("\n")}\n`;
}

const read = async (rows: number, seed: number) =>
  loadSnapshot(await pinnedCsv(csv(rows, seed)), { others: "any", label: { kind: "any" } });

test("learns rules for each column, and the file equals the learned contract", async () => {
  const snapshot = await read(500, 1);
  const learned = learnContract(snapshot.table);
  const { columns, rows } = contractOf(learned);
  expect(rows).toEqual({ min: 50, max: 5_000 });
  expect(columns).toMatchObject({
    customer: { type: "text", missing: 0, unique: true },
    income: { type: "number", missing: 0 },
    active: { type: "integer", missing: 0, categories: [0, 1] },
    plan: { type: "text", categories: ["basic", "no", "plus"] },
    vip: { type: "boolean", missing: 0 },
    since: { type: "date", missing: 0 },
  });
  expect(Object.keys(columns.town ?? {})).toEqual(["type", "missing"]);
  // An amount stays at least 0, and a range gets a margin.
  expect(columns.amount?.min).toBe(0);
  expect(columns.income?.min).toBeLessThan(10);
  expect(columns.plan?.missing).toBeGreaterThan(0.15);
  const text = contractText(learned, snapshot);
  expect(text).toMatch(/^ {2}active: \{ type: integer, missing: 0, categories: \[0, 1\] \} # two values$/m);
  // The texts no and plus must not become booleans.
  expect(text).toContain('categories: [basic, "no", plus]');
  expect(parseContract(parse(text), "contract.yaml")).toEqual(contractOf(learned));
});

test("other snapshots of the same source meet a learned contract", async () => {
  const contract = contractOf(learnContract((await read(500, 2)).table));
  for (let seed = 3; seed < 13; seed++) {
    const check = new ContractCheck(contract);
    check.take((await read(400, seed)).table);
    expect(check.findings().violations, `seed ${seed}`).toEqual([]);
  }
});

test("a column with one value, and an empty one, meet their own rules", async () => {
  const path = await pinnedCsv(`a,b,label\n${"5,,0\n".repeat(30)}`);
  const { table } = await loadSnapshot(path, { others: "any", label: { kind: "any" } });
  const contract = contractOf(learnContract(table));
  expect(contract.columns).toMatchObject({ a: { type: "integer", missing: 0 }, b: { missing: 1 } });
  const check = new ContractCheck(contract);
  check.take(table);
  expect(check.findings().violations).toEqual([]);
});

test.each([
  ["penguins", { label: "species", missing: ["NA"] }],
  ["diabetes", { label: "target" }],
  // Columns with long tails: the largest of 189 rows is twice the largest of 380 others.
  ["breast-cancer", { label: "diagnosis" }],
])("the evaluation of %s meets the contract learned from its training snapshot", async (name, format) => {
  const options = { format, others: "any", label: { kind: "any" } } as const;
  const folder = `examples/${name}/data`;
  const check = new ContractCheck(
    contractOf(learnContract((await loadSnapshot(`${folder}/train.csv`, options)).table)),
  );
  check.take((await loadSnapshot(`${folder}/evaluation.csv`, options)).table);
  expect(check.findings().violations).toEqual([]);
});

test("learns no range from a column with a single value", async () => {
  const lines = Array.from({ length: 50 }, (_, row) => `0,3.5,-1,${row % 5 === 0 ? "" : 7},${row % 2}`);
  const path = await pinnedCsv(`flag,rate,code,gap,label\n${lines.join("\n")}\n`);
  const { table } = await loadSnapshot(path, { others: "any", label: { kind: "any" } });
  const contract = contractOf(learnContract(table));
  expect(contract.columns).toEqual({
    flag: { type: "integer", missing: 0 },
    rate: { type: "number", missing: 0 },
    code: { type: "integer", missing: 0 },
    gap: { type: "integer", missing: expect.any(Number) },
  });
  expect(learnContract(table).columns[0]?.seen).toBe("0 in all rows: no range is learned from a single value");
});
