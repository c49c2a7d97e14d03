import { expect, test } from "vitest";
import type { Field } from "../../../data/field.ts";
import type { Truth } from "../../../data/prediction.ts";
import type { Column, Table } from "../../../data/table.ts";
import { dataPolicy, judgeData } from "../../../training/gate/checks/data.ts";
import { labelLeakage } from "../../../training/gate/label-leakage.ts";
import { type Random, seededRandom } from "../../../training/gate/statistics/random.ts";
import { loadSnapshot } from "../../../training/snapshot.ts";
import { CHURN } from "../../fixtures/training/recorded.ts";
import { floats } from "../../service/helpers/tables.ts";

type Cell = number | string | null;

function tableOf(columns: Readonly<Record<string, readonly Cell[]>>): Table {
  const entries = Object.entries(columns);
  const made = entries.map(([name, cells]): [Field, Column] => {
    if (cells.some((cell) => typeof cell === "string")) {
      const dictionary = [...new Set(cells.map(String))];
      const codes = Int32Array.from(cells, (cell) => (cell === null ? -1 : dictionary.indexOf(String(cell))));
      return [
        { name, type: "string", nullable: true },
        { kind: "text", codes, dictionary },
      ];
    }
    const data = Float64Array.from(cells, (cell) => (cell === null ? Number.NaN : Number(cell)));
    return [
      { name, type: "float64", nullable: true },
      { kind: "number", data, offset: 0, stride: 1 },
    ];
  });
  return {
    fields: made.map(([field]) => field),
    columns: made.map(([, column]) => column),
    rows: entries[0]?.[1].length ?? 0,
  };
}

const ROWS = 600;
const draw = (of: (random: Random, row: number) => Cell, seed = 1) => {
  const random = seededRandom(seed);
  return Array.from({ length: ROWS }, (_, row) => of(random, row));
};
const LABELS = Int32Array.from(draw((random) => (random.uniform() < 0.2 ? 1 : 0), 7) as number[]);
const BINARY: Truth = { kind: "classes", classes: [0, 1], codes: LABELS };
const at = (row: number) => LABELS[row] as number;

function scoresOf(columns: Readonly<Record<string, readonly Cell[]>>, truth: Truth) {
  const found = labelLeakage(tableOf(columns), truth);
  if (typeof found === "string") throw new Error(found);
  return {
    kind: found.kind,
    ...Object.fromEntries(found.columns.map(({ column, score }) => [column, score])),
  } as Record<string, number> & { kind: string };
}

test("detects a column that determines a binary label: as a number, by a threshold, by its size, as a text, by missing values", () => {
  const scores = scoresOf(
    {
      copy: draw((_, row) => at(row)),
      threshold: draw((random, row) => (at(row) === 1 ? 1 : -1) * random.uniform()),
      size: draw((random, row) => (random.uniform() < 0.5 ? -1 : 1) * (at(row) === 1 ? 5 : 1)),
      text: draw((random, row) => (at(row) === 1 ? `closed ${random.below(5)}` : `open ${random.below(5)}`)),
      gap: draw((random, row) => (at(row) === 1 ? null : random.normal())),
    },
    BINARY,
  );
  for (const column of ["copy", "threshold", "size", "text", "gap"])
    expect(scores[column], column).toBeGreaterThan(0.99);
});

test("does not report a key, noise, a good feature or a rare text as leakage", () => {
  const scores = scoresOf(
    {
      id: draw((_, row) => `id-${row}`),
      number: draw((random) => random.normal(), 2),
      good: draw((random, row) => at(row) * 1.5 + random.normal(), 3),
      town: draw((random) => `town ${random.below(200)}`, 4),
    },
    BINARY,
  );
  expect(scores.id).toBeCloseTo(0.5, 9);
  for (const column of ["number", "town"]) expect(Math.abs((scores[column] as number) - 0.5), column).toBeLessThan(0.1);
  expect(scores.good).toBeGreaterThan(0.6);
  expect(scores.good).toBeLessThan(0.9);
});

test("scores several classes by the share of the most frequent class's errors that a column avoids", () => {
  const codes = Int32Array.from(draw((random) => (random.uniform() < 0.9 ? 0 : 1 + random.below(2)), 5) as number[]);
  const truth: Truth = { kind: "classes", classes: ["x", "y", "z"], codes };
  const scores = scoresOf(
    { copy: draw((_, row) => (codes[row] as number) * 3.5), noise: draw((random) => random.normal(), 6) },
    truth,
  );
  expect(scores.kind).toBe("skill");
  expect(scores.copy).toBe(1);
  // Although 90 % of its predictions are correct.
  expect(scores.noise).toBeLessThan(0.1);
});

test("scores a regression by the explained variance of the best predicted target", () => {
  const target = draw((random) => random.normal(), 8) as number[];
  const other = draw((random) => random.normal(), 9) as number[];
  const data = Float64Array.from(
    { length: ROWS * 2 },
    (_, cell) => (cell % 2 === 0 ? target : other)[cell >> 1] as number,
  );
  const scores = scoresOf(
    {
      curved: draw((_, row) => Math.exp(-(target[row] as number))),
      half: draw((random, row) => (other[row] as number) + random.normal(), 10),
      id: draw((_, row) => row),
    },
    { kind: "values", data, targets: ["t", "u"] },
  );
  expect(scores.kind).toBe("r2");
  expect(scores.curved).toBeGreaterThan(0.97);
  expect(scores.half).toBeGreaterThan(0.2);
  expect(scores.half).toBeLessThan(0.7);
  expect(scores.id).toBeLessThan(0.1);
});

test("is inconclusive with too few rows or one class; the check is advisory by default, and names the column", () => {
  const columns = { copy: draw((_, row) => at(row)), noise: draw((random) => random.normal(), 2) };
  const judge = (policy: object, truth: Truth = BINARY) => {
    const table = tableOf(columns);
    const evaluation = { path: "e.csv", md5: "m", rows: ROWS, table, truth, unfit: new Map() };
    return judgeData({ evaluation, signature: floats(2, ["copy", "noise"]) }, dataPolicy.parse(policy));
  };
  const { results, facts } = judge({ labelLeakage: { max: 0.98 } });
  expect(results).toMatchObject([
    {
      check: "data.labelLeakage",
      outcome: "fail",
      required: false,
      value: 1,
      bound: 0.98,
      detail: "column copy alone predicts the label with a ROC AUC of 1.00 > 0.98 allowed",
    },
  ]);
  expect(facts.data?.labelLeakage).toMatchObject({
    kind: "auc",
    columns: [{ column: "copy", score: 1 }, { column: "noise" }],
  });
  expect(judge({ labelLeakage: { max: 1, level: "required" } }).results).toMatchObject([
    { outcome: "pass", required: true },
  ]);
  const one: Truth = { kind: "classes", classes: [0, 1], codes: new Int32Array(ROWS) };
  expect(judge({ labelLeakage: { max: 1 } }, one).results).toMatchObject([
    { outcome: "inconclusive", detail: "label leakage: fewer than two classes have at least 10 rows" },
  ]);
});

test("finds no leakage in the churn snapshot, with reproducible scores", async () => {
  const { table, truth } = await loadSnapshot(`${CHURN}/evaluation.csv`);
  if (!truth) throw new Error("no label");
  const found = labelLeakage(table, truth);
  expect(found).toEqual(labelLeakage(table, truth));
  if (typeof found === "string") throw new Error(found);
  expect(found.columns).toHaveLength(10);
  expect(found.columns[0]?.score).toBeLessThan(0.95);
});
