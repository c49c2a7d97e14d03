import { expect, test } from "vitest";
import type { Field } from "../../../data/field.ts";
import type { Column, NumberColumn, Table, TextColumn } from "../../../data/table.ts";
import { PredictorError } from "../../../service/predictor/errors.ts";
import type { Predictor } from "../../../service/predictor/predictor.ts";
import { partsOf } from "../../../training/gate/answers/answer-rows.ts";
import { changeOf, judgeRobustness, robustnessPolicy } from "../../../training/gate/checks/robustness.ts";
import { answerSnapshot, evaluate } from "../../../training/gate/evaluation.ts";
import type { RegressionRows } from "../../../training/gate/metrics/answered-rows.ts";
import { metricsOf } from "../../../training/gate/metrics/metrics-of.ts";
import { cannotPerturb, type Perturbation, perturbed } from "../../../training/gate/perturbed.ts";

const ROWS = 1_000;
const numbers = (data: NumberColumn["data"], missing?: Uint8Array): Column => ({
  kind: "number",
  data,
  offset: 0,
  stride: 1,
  ...(missing && { missing }),
});
const field = (name: string, type: Field["type"], nullable = false): Field => ({ name, type, nullable });
const TABLE: Table = {
  rows: ROWS,
  fields: [
    field("plan", "string"),
    field("town", "string", true),
    field("member", "boolean"),
    field("age", "uint8"),
    field("id", "int64"),
    field("mass", "float32", true),
    field("signed", "datetime"),
  ],
  columns: [
    { kind: "text", codes: Int32Array.from({ length: ROWS }, (_, row) => row % 3), dictionary: ["a", "b", "unseen"] },
    {
      kind: "text",
      codes: Int32Array.from({ length: ROWS }, (_, row) => (row % 5) - 1),
      dictionary: ["w", "x", "y", "z"],
    },
    numbers(Uint8Array.from({ length: ROWS }, (_, row) => Number(row % 4 === 0))),
    numbers(Uint8Array.from({ length: ROWS }, (_, row) => row % 256)),
    numbers(BigInt64Array.from({ length: ROWS }, (_, row) => 9_007_199_254_740_993n + BigInt(row % 2) * 2n)),
    numbers(Float32Array.from({ length: ROWS }, (_, row) => (row % 7 === 0 ? Number.NaN : row))),
    numbers(BigInt64Array.from({ length: ROWS }, (_, row) => BigInt(row))),
  ],
};

const change = (kind: Perturbation["kind"], amount: number) =>
  perturbed(TABLE, { kind, amount, seed: 7 })(0, ROWS).columns;
const texts = (column: Column | undefined) => {
  const { codes, dictionary } = column as TextColumn;
  return Array.from(codes, (code) => dictionary[code]);
};
const data = (column: Column | undefined) => [...((column as NumberColumn).data as Float64Array)];
const share = (place: number, columns: readonly Column[]) => {
  const values = (of: readonly Column[]) => (of[place]?.kind === "text" ? texts(of[place]) : data(of[place]));
  const [before, after] = [values(TABLE.columns), values(columns)];
  return after.filter((value, row) => !Object.is(value, before[row])).length / ROWS;
};

test("noise keeps integers within their type's range, and does not change texts, booleans and dates", () => {
  const columns = change("noise", 2);
  const [, , , age, id] = columns;
  expect([...data(age)].every((value) => Number.isInteger(value) && value >= 0 && value <= 255)).toBe(true);
  expect(data(age)).toContain(0);
  expect(data(age)).toContain(255);
  // As doubles, 2^53 + 1 and 2^53 + 3 would change even without noise.
  const small = perturbed(TABLE, { kind: "noise", amount: 1e-9, seed: 7 })(0, ROWS).columns;
  expect((small[4] as NumberColumn).data).toEqual((TABLE.columns[4] as NumberColumn).data);
  expect((id as NumberColumn).data).toBeInstanceOf(BigInt64Array);
  for (const place of [0, 1, 2, 6]) expect(columns[place]).toEqual(TABLE.columns[place]);
});

test("noise stays in the range of float16", () => {
  const half = new Float16Array(100).map((_, row) => (row % 2 === 0 ? -60_000 : 60_000));
  const table: Table = {
    rows: 100,
    fields: [field("x", "float16")],
    columns: [numbers(new Uint16Array(half.buffer))],
  };
  const [x] = perturbed(table, { kind: "noise", amount: 1, seed: 1 })(0, 100).columns;
  const bits = (x as NumberColumn).data as Uint16Array;
  expect([...new Float16Array(bits.buffer, bits.byteOffset, 100)].every(Number.isFinite)).toBe(true);
});

test("unseen texts are not in any row", () => {
  const columns = change("unseen", 0.3);
  expect(share(0, columns)).toBeCloseTo(0.3, 1);
  expect(new Set(texts(columns[0]))).toEqual(new Set(["a", "b", "unseen", "unseen category"]));
  for (const place of [2, 3, 4, 5, 6]) expect(columns[place]).toEqual(TABLE.columns[place]);
});

test("swapping preserves the frequency of categories", () => {
  const columns = change("swapped", 0.5);
  for (const place of [0, 1]) expect(texts(columns[place]).sort()).toEqual(texts(TABLE.columns[place]).sort());
  expect(data(columns[2]).sort()).toEqual(data(TABLE.columns[2]).sort());
  // Half of the rows are swapped, and two in three of them get a different text.
  expect(share(0, columns)).toBeCloseTo(1 / 3, 1);
  for (const place of [3, 4, 5, 6]) expect(columns[place]).toEqual(TABLE.columns[place]);
});

test("cells are removed only where the signature allows it", () => {
  const columns = change("nulls", 0.4);
  expect(texts(columns[1]).filter((text) => text === undefined).length / ROWS).toBeCloseTo(0.2 + 0.8 * 0.4, 1);
  expect(data(columns[5]).filter(Number.isNaN).length / ROWS).toBeCloseTo(1 / 7 + (6 / 7) * 0.4, 1);
  for (const place of [0, 2, 3, 4, 6]) expect(columns[place]).toEqual(TABLE.columns[place]);
});

test.each(["noise", "missing", "unseen", "swapped", "nulls"] as const)(
  "%s changes the same cells again, whole or in parts, and not the table itself",
  (kind) => {
    const before = structuredClone(TABLE);
    const whole = change(kind, 0.3);
    const part = perturbed(TABLE, { kind, amount: 0.3, seed: 7 });
    const [first, rest] = [part(0, 300), part(300, ROWS - 300)];
    for (const place of TABLE.fields.keys()) {
      const of = place < 2 ? texts : data;
      expect([...of(first.columns[place]), ...of(rest.columns[place])]).toEqual([...of(whole[place])]);
    }
    expect(TABLE).toEqual(before);
  },
);

test("explains why it could not perturb anything", () => {
  const only = (type: Field["type"], more: Partial<Field> = {}) => ({ fields: [{ ...field("x", type), ...more }] });
  expect(cannotPerturb(only("string"), "noise")).toBe("the model takes no scalar column of numbers");
  expect(cannotPerturb(only("float32", { shape: [8] }), "noise")).toContain("no scalar column of numbers");
  expect(cannotPerturb(only("float32"), "unseen")).toContain("no scalar column of texts");
  expect(cannotPerturb(only("float32"), "swapped")).toContain("no scalar column of texts or booleans");
  expect(cannotPerturb(only("boolean"), "swapped")).toBeUndefined();
  expect(cannotPerturb(only("float32"), "nulls")).toContain("required: false");
  expect(cannotPerturb(only("float32", { nullable: true }), "nulls")).toBeUndefined();
});

/** Predicts 1 if the plan is "a", and rejects unknown plans. */
const predictor: Pick<Predictor, "signature" | "predict"> = {
  signature: { inputs: TABLE.fields, isNamed: true },
  async predict(rows) {
    const plans = texts(rows.columns[0]);
    if (plans.includes("unseen category")) throw new PredictorError("plan is an unknown category");
    return {
      kind: "classes",
      classes: [0, 1],
      named: 2,
      codes: Int32Array.from(plans, (plan) => Number(plan === "a")),
    };
  },
};
const snapshot = {
  path: "p.csv",
  md5: "m",
  rows: ROWS,
  table: TABLE,
  unfit: new Map<string, string>(),
  truth: {
    kind: "classes",
    classes: [0, 1],
    codes: Int32Array.from({ length: ROWS }, (_, row) => Number(row % 3 === 0)),
  },
} as const;
const judge = async (policy: object) => {
  const evaluation = await evaluate(predictor, snapshot, "binary");
  return judgeRobustness(predictor, snapshot, evaluation, robustnessPolicy.parse(policy));
};

test("a model that depends on one category, or rejects an unknown one, fails; one without nullable columns is inconclusive", async () => {
  const bounds = { share: 0.5, accuracyDrop: { max: 0.1 } };
  const { results, facts } = await judge({
    swapped: { ...bounds, flips: { max: 0.1 } },
    unseen: bounds,
    noise: { deviations: 1, flips: { max: 0 } },
  });
  expect(results).toMatchObject([
    { check: "robustness.noise.flips", outcome: "pass", value: 0 },
    { check: "robustness.unseen", outcome: "fail", detail: expect.stringContaining("unknown category") },
    { check: "robustness.swapped.flips", outcome: "fail" },
    { check: "robustness.swapped.accuracyDrop", outcome: "fail" },
  ]);
  expect(facts.robustness.map(({ kind }) => kind)).toEqual(["noise", "swapped"]);
  const strict = {
    ...predictor,
    signature: { inputs: TABLE.fields.map((one) => ({ ...one, nullable: false })), isNamed: true },
  };
  const evaluation = await evaluate(strict, snapshot, "binary");
  const nulls = robustnessPolicy.parse({ nulls: { share: 0.1, flips: { max: 1, level: "advisory" } } });
  expect((await judgeRobustness(strict, snapshot, evaluation, nulls)).results).toMatchObject([
    {
      check: "robustness.nulls.flips",
      outcome: "inconclusive",
      required: false,
      detail: expect.stringContaining("required: false"),
    },
  ]);
});

test("perturbed rows are not sampled, because no deployment predicts them", async () => {
  expect((await evaluate(predictor, snapshot, "binary")).samples.length).toBeGreaterThan(0);
  expect((await answerSnapshot(predictor, partsOf(TABLE), snapshot, "binary")).samples).toEqual([]);
});

test("the RMSE rise of several targets equals the metric's, with weights", () => {
  const rows = (predicted: number[]): RegressionRows => ({
    task: "regression",
    rows: 2,
    targets: ["a", "b"],
    truth: new Float64Array(4),
    predicted: Float64Array.from(predicted),
  });
  const [before, after] = [rows([1, 100, 1, 100]), rows([3, 100, 1, 100])];
  const rmse = (of: RegressionRows, weights?: Float64Array) =>
    metricsOf(of, weights).root_mean_squared_error ?? Number.NaN;
  expect(changeOf(before, after).rmseRise).toBeCloseTo(rmse(after) / rmse(before) - 1, 12);
  expect(changeOf(before, after).rmseRise).toBeCloseTo((Math.sqrt(5) + 100) / 101 - 1, 12);
  const weights = Float64Array.of(0, 1);
  expect(changeOf(before, after, weights).rmseRise).toBe(0);
  const labelled = (predicted: number[]) => ({
    ...({ task: "binary", rows: 2, classes: [0, 1], labels: Int32Array.of(0, 1), epsilon: 2 ** -52 } as const),
    predicted: Int32Array.from(predicted),
  });
  expect(changeOf(labelled([0, 1]), labelled([1, 1]), Float64Array.of(3, 1))).toEqual({
    flips: 0.75,
    accuracyDrop: 0.75,
  });
});
