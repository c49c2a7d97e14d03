import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import type { ClassName, Prediction } from "../../../data/prediction.ts";
import { BATCH_ROWS } from "../../../data/reader/read-table.ts";
import type { NumberColumn, Table } from "../../../data/table.ts";
import { PredictorError } from "../../../service/predictor/errors.ts";
import { evaluate, evaluateAll } from "../../../training/gate/evaluation.ts";
import {
  type EvaluationData,
  evaluationData,
  isHeld,
  needsReference,
  needsTable,
} from "../../../training/gate/evaluation-data.ts";
import type { Task } from "../../../training/gate/metrics/answered-rows.ts";
import { parsePolicy } from "../../../training/gate/policy.ts";
import { pinnedCsv } from "../../fixtures/training/pinned-csv.ts";

const ROWS = 70_000;
const POLICY = parsePolicy({ accuracy: { min: 0 } }, "test");
const FORMAT = { weights: "w" };

/** Columns a and b of the model, a label of the task, weights, and a column that the model does not take. */
const csvOf = (label: (row: number) => unknown, change: (line: string, row: number) => string = (line) => line) =>
  pinnedCsv(
    `a,b,note,w,label\n${Array.from({ length: ROWS }, (_, row) =>
      change(`${(row * 7919) % 1000},${row % 13},${row > ROWS - 9 ? "text" : row},${row % 3},${label(row)}\n`, row),
    ).join("")}`,
  );

/** Predicts (a + b) / 1012. */
function model(task: Task, classes: readonly ClassName[], names = ["a", "b"]) {
  const inputs = names.map((name) => ({ name, type: "float32", nullable: false }) as const);
  return { task, predictor: { signature: { inputs, isNamed: true }, predict: async (table: Table) => answer(table) } };

  function answer({ rows, columns }: Table): Prediction {
    const [a, b] = columns as readonly NumberColumn[];
    const at = ({ data, offset, stride }: NumberColumn, row: number) => data[offset + row * stride] as number;
    const shares = Array.from(
      { length: rows },
      (_, row) => (at(a as NumberColumn, row) + at(b ?? (a as NumberColumn), row)) / 1012,
    );
    if (task === "regression") return { kind: "values", data: Float32Array.from(shares), shape: [] };
    const width = classes.length;
    const probabilities = shares.flatMap((share) => [
      ...new Array<number>(width - 2).fill(0),
      1 - Math.min(1, share),
      Math.min(1, share),
    ]);
    return {
      kind: "classes",
      classes,
      named: width,
      codes: Int32Array.from(shares, (share) => (share > 0.5 ? width - 1 : width - 2)),
      scores: { data: Float32Array.from(probabilities), width, areProbabilities: true },
    };
  }
}

test.each<[Task, readonly ClassName[], (row: number) => unknown]>([
  ["binary", [0, 1], (row) => (row % 5 === 0 ? 0 : (row * 7919) % 1000 > 400 ? 1 : 0)],
  ["multiclass", ["x", "y", "z"], (row) => ["x", "y", "z"][row % 3]],
  ["regression", [], (row) => (row % 1000) / 1000],
])("evaluates %s identically in memory and streamed", async (task, classes, label) => {
  const path = await csvOf(label);
  const evaluated = model(task, classes);
  const options = { path, format: FORMAT };
  const streamed = await evaluationData({ ...options, policy: POLICY }, evaluated);
  const slices = { groups: { column: "note", accuracy: { min: 0 } } };
  const held = await evaluationData({ ...options, policy: { ...POLICY, slices } }, evaluated);
  expect([isHeld(streamed), isHeld(held)]).toEqual([false, true]);
  // More than one batch.
  expect(ROWS).toBeGreaterThan(BATCH_ROWS);
  const [one, other] = [await evaluateAll([evaluated], streamed), await evaluateAll([evaluated], held)];
  expect(one.outcomes).toEqual(other.outcomes);
  expect([one.rows, other.rows]).toEqual([ROWS, ROWS]);
  const evaluation = await evaluate(evaluated.predictor, streamed, task);
  expect(evaluation).toMatchObject({ rows: ROWS, weights: { length: ROWS } });
  // 20 random rows, and the first row predicted as each class.
  expect([20, 21, 22, 23]).toContain(evaluation.samples.length);
  expect(Object.keys(evaluation.metrics).length).toBeGreaterThan(5);
});

const zeroOrOne = (row: number) => row % 2;

/** Counts how often the rows are read. */
async function counted(path: string) {
  const data = await evaluationData({ path, format: FORMAT, policy: POLICY }, model("binary", [0, 1]));
  if (isHeld(data)) throw new Error("a stream was expected");
  const reads = { count: 0 };
  const counting: EvaluationData = {
    ...data,
    read(take) {
      reads.count++;
      return data.read(take);
    },
  };
  return { data: counting, reads };
}

test("evaluates two models with the same columns in one pass", async () => {
  const { data, reads } = await counted(await csvOf(zeroOrOne));
  const [ours, theirs, another] = [
    model("binary", [0, 1]),
    model("binary", [0, 1], ["b", "a"]),
    model("binary", [0, 1], ["a", "w2"]),
  ];
  const { outcomes } = await evaluateAll([ours, theirs, another], data);
  expect(reads.count).toBe(1);
  expect(outcomes[0]).toMatchObject({ rows: ROWS });
  expect(outcomes[1]).toMatchObject({ metrics: (outcomes[0] as { metrics: object }).metrics });
  // Its column was not read.
  expect(outcomes[2]).toBeUndefined();
});

test("a failing model does not affect the others, and the data is read to the end", async () => {
  const { data } = await counted(await csvOf(zeroOrOne));
  let calls = 0;
  const broken = model("binary", [0, 1]);
  const failing = {
    ...broken,
    predictor: {
      ...broken.predictor,
      predict: async () => {
        calls++;
        throw new PredictorError("it fell over");
      },
    },
  };
  const { rows, outcomes } = await evaluateAll([failing, model("binary", [0, 1])], data);
  expect(rows).toBe(ROWS);
  expect(outcomes[0]).toEqual(new PredictorError("it fell over"));
  expect(outcomes[1]).toMatchObject({ rows: ROWS });
  expect(calls).toBe(1);
});

test("a fault in a late row is an error, even if the model failed earlier", async () => {
  const path = await csvOf(zeroOrOne, (line, row) => (row === ROWS - 2 ? line.replace(/^\d+/, "x") : line));
  const { data } = await counted(path);
  const evaluated = model("binary", [0, 1]);
  const message = `data.csv:${ROWS}: column a must be a finite number, got "x"`;
  await expect(evaluateAll([evaluated], data)).rejects.toThrow(message);
  const fails = { ...evaluated.predictor, predict: () => Promise.reject(new PredictorError("it fell over")) };
  await expect(evaluateAll([{ ...evaluated, predictor: fails }], data)).rejects.toThrow(message);
});

test("rows that do not match the pointer are an error", async () => {
  const path = await csvOf(zeroOrOne);
  const { data } = await counted(path);
  await writeFile(path, (await readFile(path, "utf8")).replace("\n0,0,", "\n1,0,"));
  await expect(evaluateAll([model("binary", [0, 1])], data)).rejects.toThrow("is not the data that");
  const pointer = await readFile(`${path}.dvc`, "utf8");
  await writeFile(`${path}.dvc`, pointer.replace(/md5: .{32}/, `md5: ${"a".repeat(32)}`));
  await expect(evaluateAll([model("binary", [0, 1])], data)).rejects.toThrow("changed during the update");
});

test("does not read columns that no model takes, but still rejects a line with the wrong number of columns", async () => {
  const path = await csvOf(zeroOrOne, (line, row) => (row === 5 ? "1,2,0\n" : line));
  const { data } = await counted(path);
  await expect(evaluateAll([model("binary", [0, 1])], data)).rejects.toThrow("data.csv:7: 3 values, the header has 5");
  const fields = new Set<string>();
  const whole = await counted(await csvOf(zeroOrOne));
  await whole.data.read(({ table }) => {
    for (const { name } of table.fields) fields.add(name);
  });
  expect([...fields]).toEqual(["a", "b"]);
});

test.each([
  ["slices", { slices: { a: { column: "a", accuracy: { min: 0 } } } }, true],
  ["robustness", { robustness: { noise: { deviations: 1, flips: { max: 1 } } } }, true],
  ["leakage", { data: { leakage: { max: 0 } } }, true],
  ["near-duplicates", { data: { nearDuplicates: { max: 0 } } }, true],
  ["label leakage", { data: { labelLeakage: { max: 1 } } }, true],
  ["a data contract", { data: { contract: {} } }, false],
  ["drift", { data: { drift: { psi: { max: 1 } } } }, true],
  ["rows", { data: { rows: { min: 1 } } }, false],
  ["latency", { latency: { single: { p50: { max: 1 } } } }, false],
  ["parity", { parity: { flips: { max: 0 } } }, false],
  ["schema", { schema: { signature: {}, probabilitySum: { max: 1 } } }, false],
  ["performance", { performance: { rocAuc: { min: 0, confidence: 0.9 } } }, false],
  ["champion", { champion: { first: "pass", accuracy: { margin: 0 } } }, false],
])("whether a policy of %s needs the table: %j is %j", (_, policy, needs) => {
  expect(needsTable(parsePolicy(policy, "test"))).toBe(needs);
});

test.each([
  ["drift", { data: { drift: { psi: { max: 1 } } } }, true],
  ["groups by value", { slices: { a: { column: "sex", accuracy: { min: 0 } } } }, true],
  [
    "groups by value, crossed",
    { slices: { a: { columns: ["sex", { column: "age", cuts: [1] }], accuracy: { min: 0 } } } },
    true,
  ],
  [
    "groups that the policy lists",
    { slices: { a: { column: "sex", categories: ["f"], accuracy: { min: 0 } } } },
    false,
  ],
  ["ranges", { slices: { a: { column: "age", quantiles: 3, accuracy: { min: 0 } } } }, false],
  ["other checks", { accuracy: { min: 0.5 } }, false],
])("whether the reference is read for %s: %o", (_, policy, needed) => {
  expect(needsReference(parsePolicy(policy, "p"))).toBe(needed);
});
