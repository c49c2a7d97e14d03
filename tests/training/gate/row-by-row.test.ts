import { expect, test } from "vitest";
import type { Field } from "../../../data/field.ts";
import type { ClassPrediction, Prediction } from "../../../data/prediction.ts";
import { denseTable, sliceRows, type Table } from "../../../data/table.ts";
import type { OnnxModel } from "../../../service/predictor/predictor.ts";
import type { Sample } from "../../../training/gate/answers/sample.ts";
import { MOST_SAMPLES, SampledRows } from "../../../training/gate/answers/sampled-rows.ts";
import { judgeRowByRow } from "../../../training/gate/checks/row-by-row.ts";
import { runChecks } from "../../../training/gate/run-checks.ts";
import { toSnapshot } from "../../helpers/number-rows.ts";

const FIELDS: readonly Field[] = ["a", "b"].map((name) => ({ name, type: "float64", nullable: true }));

/** A model that predicts numbers from the first column of the table. */
const regressor = (answer: (column: number[]) => number[]) => ({
  signature: { inputs: FIELDS, isNamed: true },
  async predict(table: Table): Promise<Prediction> {
    const column = Array.from({ length: table.rows }, (_, row) => valueAt(table, row));
    return { kind: "values", data: Float64Array.from(answer(column)), shape: [] };
  },
});

function valueAt({ columns }: Table, row: number): number {
  const [column] = columns;
  if (column?.kind !== "number") throw new Error("not numbers");
  return column.missing?.[row] === 1 ? Number.NaN : Number(column.data[column.offset + row * column.stride]);
}

const mean = (column: readonly number[]) => column.reduce((sum, x) => sum + x, 0) / column.length;
const known = (column: readonly number[]) => column.filter((x) => !Number.isNaN(x));
const scoresOf = (column: readonly number[]): ClassPrediction => ({
  kind: "classes",
  classes: [0, 1],
  named: 2,
  codes: Int32Array.from(column, (x) => (x > 0.5 ? 1 : 0)),
  scores: { data: Float64Array.from(column.flatMap((x) => [1 - x, x])), width: 2, areProbabilities: true },
});
const classifier = (answer: (column: number[]) => ClassPrediction) => ({
  ...regressor((column) => column),
  async predict(table: Table) {
    return answer(Array.from({ length: table.rows }, (_, row) => valueAt(table, row)));
  },
});

/** Does what the gate does: predicts all rows in two batches, samples some, and predicts these again. */
async function judged(model: ReturnType<typeof regressor> | ReturnType<typeof classifier>, rows: readonly number[]) {
  const table = denseTable(FIELDS, Float64Array.from(rows.flatMap((x) => [x, 1])), rows.length);
  const samples = new SampledRows();
  const half = Math.ceil(rows.length / 2);
  for (const start of [0, half]) {
    const part = sliceRows(table, start, Math.min(half, rows.length - start));
    if (part.rows > 0) samples.take(await model.predict(part), start, part);
  }
  return judgeRowByRow(model, samples.finish());
}

const ROWS = Array.from({ length: 1_000 }, (_, row) => ((row * 7919) % 1000) / 1000);
/** Only one row, after the first 20, has no value. */
const WITH_GAP = ROWS.map((x, row) => (row === 700 ? Number.NaN : x));
const isFailed = { check: "integrity.rowByRow", group: "integrity", outcome: "fail", required: true };

test.each<[string, (column: number[]) => number[], string]>([
  ["the column's mean", (column) => column.map((x) => x - mean(column)), "the other rows of the snapshot"],
  ["the reversed rows", (column) => column.toReversed(), "the other rows of the snapshot"],
  ["the first row", (column) => column.map((x) => x + (column[0] as number)), "the other rows of the snapshot"],
  [
    "a mean imputed where values are missing",
    (column) => column.map((x) => (Number.isNaN(x) ? mean(known(column)) || 0 : x)),
    "the other rows of the snapshot",
  ],
  ["the number of rows", (column) => (column.length === 1 ? column.map((x) => x + 1) : column), "the rows beside it"],
  [
    "the position",
    (column) => column.map((x, row) => (row === 3 && column.length < 100 ? x + 1 : x)),
    "the other rows",
  ],
])("fails a model whose predictions depend on %s", async (name, answer, what) => {
  const rows = name.endsWith("missing") ? WITH_GAP : ROWS;
  expect(await judged(regressor(answer), rows)).toMatchObject({
    ...isFailed,
    detail: expect.stringContaining(`the model's prediction for a row depends on ${what}`),
  });
});

test("fails a model whose predictions are random, and says so", async () => {
  let calls = 0;
  expect(
    await judged(
      regressor((column) => column.map((x) => x + calls++)),
      ROWS,
    ),
  ).toMatchObject({
    ...isFailed,
    detail: expect.stringContaining("the model's predictions for the same rows differ from run to run"),
  });
});

test("fails a classifier whose scores or labels depend on the rows beside them", async () => {
  const centred = classifier((column) => scoresOf(column.map((x) => Math.min(1, Math.abs(x - mean(column))))));
  expect(await judged(centred, ROWS)).toMatchObject(isFailed);
  const relabelled = classifier((column) => ({ ...scoresOf(column), codes: scoresOf(column).codes.toReversed() }));
  expect(await judged(relabelled, ROWS)).toMatchObject(isFailed);
  const margins = classifier(([...column]) => {
    const { scores, ...labels } = scoresOf(column);
    const data = Float64Array.from(column, (x) => x * column.length);
    return { ...labels, scores: { data, width: 1, areProbabilities: false } };
  });
  expect(await judged(margins, ROWS)).toMatchObject({
    ...isFailed,
    detail: expect.stringContaining("depends on the other rows"),
  });
});

test("passes a model whose predictions differ by rounding between batches", async () => {
  const rounding = (column: number[]) => column.map((x) => x * 1_000 * (1 + column.length * 1e-11));
  expect(await judged(regressor(rounding), ROWS)).toBeUndefined();
  const undecided = classifier((column) =>
    scoresOf(column.map((x) => (x < 0.9 ? 0.5 + 1e-9 / (3 - column.length) : x))),
  );
  expect(await judged(undecided, ROWS)).toBeUndefined();
  expect(
    await judged(
      regressor((column) => column),
      [0.25],
    ),
  ).toBeUndefined();
});

test("rounding is relative to the largest scores, because it arises from the terms that a model sums", async () => {
  const margins = (by: number) =>
    classifier((column) => ({
      ...scoresOf(column),
      codes: Int32Array.from(column, (x) => (x > 0.5 ? 1 : 0)),
      scores: {
        data: Float64Array.from(column, (x) => 300 * (x - 0.5) + (column.length === 1 ? by : 0)),
        width: 1,
        areProbabilities: false,
      },
    }));
  expect(await judged(margins(4e-4), ROWS)).toBeUndefined();
  expect(await judged(margins(1e-3), ROWS)).toMatchObject({
    ...isFailed,
    detail: expect.stringMatching(/\(-?[\d.]+ among other rows, -?[\d.]+ alone\).*If only the last digits differ/),
  });
  // Among numbers of very different sizes, a small number keeps its own tolerance.
  const skewed = (by: number) =>
    regressor((column) => column.map((x) => (x > 0.9 ? 1e9 : 1 + (column.length === 1 ? by : 0))));
  expect(await judged(skewed(2e-3), ROWS)).toMatchObject(isFailed);
  const probabilities = classifier((column) => scoresOf(column.map((x) => x + (column.length === 1 ? 2e-6 : 0))));
  expect(await judged(probabilities, ROWS)).toMatchObject(isFailed);
});

test("samples a missing value of each column, all classes, and a limited number of rows", () => {
  const fields: Field[] = [
    { name: "x", type: "float64", nullable: true },
    { name: "t", type: "string", nullable: true },
    { name: "n", type: "int64", nullable: true },
  ];
  const rows = 5_000;
  const table: Table = {
    fields,
    rows,
    columns: [
      {
        kind: "number",
        data: Float64Array.from({ length: rows }, (_, r) => (r === 4_001 ? Number.NaN : r)),
        offset: 0,
        stride: 1,
      },
      { kind: "text", codes: Int32Array.from({ length: rows }, (_, r) => (r === 4_002 ? -1 : 0)), dictionary: ["a"] },
      {
        kind: "number",
        data: BigInt64Array.from({ length: rows }, (_, r) => BigInt(r)),
        offset: 0,
        stride: 1,
        missing: Uint8Array.from({ length: rows }, (_, r) => Number(r === 4_003)),
      },
    ],
  };
  const classes = Array.from({ length: 100 }, (_, code) => `c${code}`);
  const codes = (of: (row: number) => number) => Int32Array.from({ length: rows }, (_, row) => of(row));
  const sampled = (of: (row: number) => number): Sample[] => {
    const sampledRows = new SampledRows();
    for (let start = 0; start < rows; start += 1_000)
      sampledRows.take(
        { kind: "classes", classes, named: 100, codes: codes(of).subarray(start, start + 1_000) },
        start,
        sliceRows(table, start, 1_000),
      );
    return sampledRows.finish();
  };
  const rare = sampled((row) => (row === 4_500 ? 7 : 0));
  expect(rare.map((sample) => "label" in sample && sample.label)).toContain("c7");
  for (const place of [0, 1, 2]) expect(rare.some(({ features }) => features[place] === null)).toBe(true);
  const many = sampled((row) => row % 100);
  expect(many.length).toBeGreaterThan(40);
  expect(many.length).toBeLessThanOrEqual(MOST_SAMPLES);
});

test("the gate fails such a model under any policy, and adds no result for other models", async () => {
  const half = (x: number, by: number) => Math.min(1, Math.max(0, x + by));
  const models = {
    mixing: classifier((column) => scoresOf(column.map((x) => half(x, mean(column) - 0.4995)))),
    plain: classifier((column) => scoresOf(column.map((x) => half(x, 0)))),
  };
  const snapshot = toSnapshot({
    path: "evaluation.csv",
    md5: "m",
    columns: ["a", "b"],
    rows: ROWS.length,
    features: Float64Array.from(ROWS.flatMap((x) => [x, 1])),
    labels: Int32Array.from(ROWS, (x) => Number(x > 0.5)),
  });
  const checksOf = async (name: keyof typeof models) => {
    const predictor = models[name] as unknown as OnnxModel;
    const inputs = { predictor, task: "multiclass", folder: "", snapshot } as const;
    return (await runChecks(inputs, { accuracy: { min: 0.9 } })).checks;
  };
  const names = (checks: readonly { readonly check: string; readonly outcome: string }[]) =>
    checks.map(({ check, outcome }) => `${check} ${outcome}`);
  expect(names(await checksOf("plain"))).toEqual(["accuracy pass"]);
  expect(names(await checksOf("mixing"))).toEqual(["accuracy pass", "integrity.rowByRow fail"]);
});
