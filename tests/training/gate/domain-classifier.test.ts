import { expect, test, vi } from "vitest";
import type { Field } from "../../../data/field.ts";
import type { Column, Table } from "../../../data/table.ts";
import { dataPolicy, judgeData } from "../../../training/gate/checks/data.ts";
import { judgeClassifier } from "../../../training/gate/checks/drift.ts";
import { fitDriftClassifier } from "../../../training/gate/domain-classifier.ts";
import { type Random, seededRandom } from "../../../training/gate/statistics/random.ts";
import { floats } from "../../service/helpers/tables.ts";

// Hundreds of fits, possibly on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Columns as in real data: continuous, skewed, heavy-tailed, counted, yes-no, rare, with gaps, texts. */
const KINDS: readonly ((random: Random) => number | string)[] = [
  (random) => random.normal(),
  (random) => Math.exp(random.normal()),
  (random) => random.normal() / Math.max(1e-3, random.uniform()),
  (random) => Math.floor(-Math.log(1 - random.uniform()) * 3),
  (random) => (random.uniform() < 0.3 ? 1 : 0),
  (random) => (random.uniform() < 0.01 ? 1 : 0),
  (random) => (random.uniform() < 0.1 ? Number.NaN : random.normal()),
  (random) => ["a", "b", "c", "d"][random.below(4)] as string,
  (random) => `town ${random.below(100)}`,
  (random) => random.normal(),
];

type Change = (value: number | string, column: number, random: Random) => number | string;

function draw(rows: number, random: Random, change: Change = (value) => value): Table {
  const made = KINDS.map((kind, place): [Field, Column] => {
    const name = `c${place}`;
    const cells = Array.from({ length: rows }, () => change(kind(random), place, random));
    if (typeof cells[0] === "number")
      return [
        { name, type: "float64", nullable: true },
        { kind: "number", data: Float64Array.from(cells as number[]), offset: 0, stride: 1 },
      ];
    const dictionary = [...new Set(cells as string[])];
    const codes = Int32Array.from(cells, (cell) => dictionary.indexOf(cell as string));
    return [
      { name, type: "string", nullable: true },
      { kind: "text", codes, dictionary },
    ];
  });
  return { rows, fields: made.map(([field]) => field), columns: made.map(([, column]) => column) };
}

const judged = (evaluation: Table, reference: Table, terms = {}) =>
  judgeClassifier(fitDriftClassifier(evaluation, reference), terms);

test.each<[string, Change, string]>([
  ["a shift of one column by a deviation", (value, column) => (column === 0 ? (value as number) + 1 : value), "c0"],
  ["a column that spreads wider", (value, column) => (column === 0 ? (value as number) * 2.5 : value), "c0"],
  ["another category", (value, column, random) => (column === 7 && random.uniform() < 0.5 ? "e" : value), "c7"],
  [
    "values that are missing",
    (value, column, random) => (column === 9 && random.uniform() < 0.4 ? Number.NaN : value),
    "c9",
  ],
])("detects %s, and names the column", (_name, change, column) => {
  const random = seededRandom(11);
  const result = judged(draw(1_000, random, change), draw(1_000, random));
  expect(result).toMatchObject({ check: "data.drift.classifier", outcome: "fail" });
  expect(result.detail).toMatch(new RegExp(`: drift, mainly of ${column}\\b`));
});

test("detects many small shifts that are negligible on their own", () => {
  const random = seededRandom(12);
  const fields = Array.from(
    { length: 20 },
    (_, index): Field => ({ name: `x${index}`, type: "float64", nullable: false }),
  );
  const table = (shift: number): Table => ({
    fields,
    rows: 2_000,
    columns: fields.map(() => ({
      kind: "number",
      offset: 0,
      stride: 1,
      data: Float64Array.from({ length: 2_000 }, () => shift + random.normal()),
    })),
  });
  const evaluation = { path: "e.csv", md5: "m", rows: 2_000, table: table(0.2), truth: undefined, unfit: new Map() };
  const reference = { ...evaluation, path: "r.csv", table: table(0) };
  const signature = floats(
    20,
    fields.map(({ name }) => name),
  );
  const policy = dataPolicy.parse({ drift: { ks: { alpha: 0.01, distance: 0.2 }, classifier: {} } });
  const { results, facts } = judgeData({ evaluation, reference, signature }, policy);
  expect(results.map(({ check, outcome }) => [check, outcome])).toEqual([
    ["data.drift.ks", "pass"],
    ["data.drift.classifier", "fail"],
  ]);
  expect(facts.driftClassifier).toMatchObject({ rows: { reference: 2_000, evaluation: 2_000 } });
  // Normal quantile of 0.2 x sqrt(20) / sqrt(2).
  expect(facts.driftClassifier?.auc).toBeCloseTo(0.736, 1);
});

test.each([
  [100, 100, 200],
  [100, 1_000, 60],
  [1_000, 1_000, 40],
])("%i against %i rows without drift: at most 1 of 100 snapshots fails", (rows, of, simulations) => {
  const random = seededRandom(rows * 7 + of);
  let alarms = 0;
  let above = 0;
  for (let simulation = 0; simulation < simulations; simulation++) {
    const result = judged(draw(rows, random), draw(of, random));
    if (result.outcome === "fail") alarms++;
    if ((result.interval?.[0] ?? 1) > 0.5) above++;
  }
  expect(alarms / simulations).toBeLessThanOrEqual(0.01);
  // The interval's own error, on the side that raises alarms: nominal 2.5 %.
  expect(above / simulations).toBeLessThanOrEqual(0.06);
});

test("is reproducible, and finds nothing in identical rows", () => {
  const [one, other] = [draw(300, seededRandom(1)), draw(300, seededRandom(2))];
  expect(judged(one, other)).toEqual(judged(one, other));
  const constant: Table = {
    rows: 100,
    fields: [{ name: "x", type: "float64", nullable: false }],
    columns: [{ kind: "number", data: new Float64Array(100).fill(3), offset: 0, stride: 1 }],
  };
  expect(judged(constant, constant)).toMatchObject({ outcome: "pass", value: 0.5 });
});

test("distinguishes snapshots without common rows perfectly", () => {
  const random = seededRandom(5);
  const result = judged(
    draw(100, random, (value, column) => (column === 0 ? (value as number) + 50 : value)),
    draw(100, random),
  );
  expect(result).toMatchObject({ outcome: "fail", value: 1 });
  expect(result.interval?.[0]).toBeGreaterThan(0.9);
});

test("bounds the time by sampling the rows of long snapshots and the columns of wide ones", () => {
  const random = seededRandom(3);
  const wide = (rows: number, columns: number): Table => {
    const fields = Array.from(
      { length: columns },
      (_, index): Field => ({ name: `x${index}`, type: "float32", nullable: false }),
    );
    const data = Float32Array.from({ length: rows * columns }, () => random.normal());
    return { fields, rows, columns: fields.map((_, offset) => ({ kind: "number", data, offset, stride: columns })) };
  };
  const long = fitDriftClassifier(wide(30_000, 3), wide(25_000, 3));
  expect([long.rows, long.looked]).toEqual([{ reference: 20_000, evaluation: 20_000 }, [3, 3]]);
  const broad = fitDriftClassifier(wide(2_500, 300), wide(2_500, 300));
  expect([broad.rows, broad.looked]).toEqual([{ reference: 2_000, evaluation: 2_000 }, [200, 300]]);
});
