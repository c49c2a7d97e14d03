import { expect, test } from "vitest";
import { dataPolicy, judgeData } from "../../../training/gate/checks/data.ts";
import { countOf, sharedRows } from "../../../training/gate/shared-rows.ts";
import { seededRandom } from "../../../training/gate/statistics/random.ts";
import { type NumberRows, toSnapshot } from "../../helpers/number-rows.ts";
import { floats } from "../../service/helpers/tables.ts";

/** Rows with columns a (normal, shifted) and b (normal). */
function normal(rows: number, seed: number, shift = 0, path = "data.csv"): NumberRows {
  const random = seededRandom(seed);
  const features = Float64Array.from({ length: rows * 2 }, (_, cell) => random.normal() + (cell % 2 === 0 ? shift : 0));
  return { path, md5: `md5 of ${path}`, columns: ["a", "b"], features, labels: new Int32Array(rows), rows };
}
const evaluation = normal(500, 1);
const reference = normal(2_000, 2, 0, "reference.csv");
interface Given {
  readonly evaluation?: NumberRows;
  readonly training?: NumberRows | undefined;
  readonly reference?: NumberRows | undefined;
}
const judge = (policy: object, given: Given = {}, columns = ["a", "b"]) => {
  const { training, ...pair } = { evaluation, reference, ...given };
  return judgeData(
    {
      evaluation: toSnapshot(pair.evaluation),
      signature: floats(columns.length, columns),
      ...(training && { training: toSnapshot(training) }),
      ...(pair.reference && { reference: toSnapshot(pair.reference) }),
    },
    dataPolicy.parse(policy),
  );
};

test("finds no drift between samples of one distribution", () => {
  const { results, facts } = judge({ drift: { psi: { max: 0.1 }, ks: { alpha: 0.01 } } });
  expect(results.map(({ check, outcome }) => [check, outcome])).toEqual([
    ["data.drift.psi", "pass"],
    ["data.drift.ks", "pass"],
  ]);
  expect(facts.drift?.map(({ feature }) => feature)).toEqual(["a", "b"]);
  for (const { reference: shares, evaluation: others, edges } of facts.drift ?? []) {
    expect(shares).toHaveLength(edges.length + 1);
    for (const part of [shares, others]) expect(part.reduce((sum, share) => sum + share)).toBeCloseTo(1, 12);
  }
});

test("names only the feature that drifted", () => {
  const { results } = judge(
    { drift: { psi: { max: 0.25 }, ks: { alpha: 0.01 } } },
    { evaluation: normal(500, 1, 0.8) },
  );
  expect(results[0]).toMatchObject({
    outcome: "fail",
    detail: expect.stringMatching(/^population stability index of a .* > 0\.25 allowed$/),
  });
  expect(results[1]).toMatchObject({ outcome: "fail", detail: expect.stringMatching(/drift of a$/) });
});

test("a column that has lost values has drifted by every measure", () => {
  const policy = { drift: { psi: { max: 0.25 }, ks: { alpha: 0.01 }, classifier: {} } };
  for (const share of [2, 1]) {
    const features = evaluation.features.map((value, cell) => (cell % (2 * share) === 0 ? Number.NaN : value));
    const { results } = judge(policy, { evaluation: { ...evaluation, features } });
    expect(results.map(({ check, outcome }) => [check, outcome])).toEqual([
      ["data.drift.psi", "fail"],
      ["data.drift.ks", "fail"],
      ["data.drift.classifier", "fail"],
    ]);
    expect(results[1]?.detail).toMatch(/drift of a$/);
  }
  // The same number of missing values on both sides is not drift.
  const gaps = (rows: NumberRows) => ({
    ...rows,
    features: rows.features.map((value, cell) => (cell % 8 === 0 ? Number.NaN : value)),
  });
  const { results } = judge(policy, { evaluation: gaps(evaluation), reference: gaps(reference) });
  expect(results.map(({ outcome }) => outcome)).toEqual(["pass", "pass", "pass"]);
});

test("is inconclusive with too few rows, without a reference, and with different columns", () => {
  const outcomes = (snapshots: Given) => judge({ drift: { psi: { max: 1 } } }, snapshots).results[0];
  expect(outcomes({ evaluation: normal(99, 1) })).toMatchObject({
    outcome: "inconclusive",
    detail: "drift: data.csv has 99 rows; at least 100 are needed",
  });
  expect(outcomes({ reference: undefined })).toMatchObject({ outcome: "inconclusive" });
  expect(outcomes({ reference: { ...reference, columns: ["a", "c"] } })).toMatchObject({
    outcome: "inconclusive",
    detail: "drift: the snapshot reference.csv lacks columns of the model's signature: b; it has a, c",
  });
});

/** The same rows with the columns in another order, and an additional column such as one for groups. */
const rearranged = (snapshot: NumberRows): NumberRows => ({
  ...snapshot,
  columns: ["b", "group", "a"],
  features: Float64Array.from({ length: snapshot.rows * 3 }, (_, cell) => {
    const row = Math.floor(cell / 3);
    return [snapshot.features[row * 2 + 1], row % 2, snapshot.features[row * 2]][cell % 3] as number;
  }),
});

test("compares columns by name, in any order, and ignores columns that only one side has", () => {
  const policy = { drift: { psi: { max: 0.25 }, ks: { alpha: 0.01 } }, leakage: { max: 0 } };
  const plain = judge(policy, { evaluation: normal(500, 1, 0.8), training: normal(500, 1, 0.8, "train.csv") });
  const other = judge(policy, {
    evaluation: rearranged(normal(500, 1, 0.8)),
    training: normal(500, 1, 0.8, "train.csv"),
  });
  const summarized = ({ results }: typeof plain) => results.map(({ check, outcome, value }) => [check, outcome, value]);
  expect(summarized(other)).toEqual(summarized(plain));
  expect(other.results[0]).toMatchObject({ check: "data.leakage", outcome: "fail", value: 1 });
  expect(other.facts.drift?.map(({ feature }) => feature)).toEqual(["a", "b"]);
});

test("counts each evaluation row that is in training once, in any order", () => {
  const training = normal(3_000, 3, 0, "train.csv");
  const mixed = { ...evaluation, features: evaluation.features.slice() };
  // Three training rows, two of which are equal.
  for (const [to, from] of [
    [7, 2_999],
    [8, 0],
    [400, 0],
  ] as const)
    mixed.features.set(training.features.subarray(from * 2, from * 2 + 2), to * 2);
  const shared = (first: NumberRows, second: NumberRows) =>
    countOf(sharedRows(toSnapshot(first).table, toSnapshot(second).table));
  expect(shared(evaluation, training)).toBe(0);
  expect(shared(mixed, training)).toBe(3);
  expect(shared(training, training)).toBe(3_000);
  const { results, facts } = judge({ leakage: { max: 0.005 } }, { evaluation: mixed, training });
  expect(results[0]).toMatchObject({ check: "data.leakage", outcome: "fail", value: 0.006 });
  expect(facts.data?.sharedRows).toBe(3);
});

test("a constant column has no drift", () => {
  const constant = (rows: number) => ({ ...normal(rows, 1), features: new Float64Array(rows * 2).fill(5) });
  const { results, facts } = judge(
    { drift: { psi: { max: 0 }, ks: { alpha: 0.5 } } },
    { evaluation: constant(200), reference: constant(300) },
  );
  expect(results.map(({ outcome }) => outcome)).toEqual(["pass", "pass"]);
  expect(facts.drift?.[0]).toMatchObject({ psi: 0, ks: 0, pValue: 1 });
});

/** Both columns have the value in a share of the rows, and 0 in the others. */
const shareOf = (value: number, share: number, rows = 200): NumberRows => ({
  ...normal(rows, 1),
  path: "reference.csv",
  features: Float64Array.from({ length: rows * 2 }, (_, cell) => (cell < rows * 2 * share ? value : 0)),
});

test.each([
  ["a yes-no column that was nearly always yes", shareOf(1, 0.95), shareOf(1, 0.4), 0.5],
  ["a yes-no column that was nearly always no", shareOf(1, 0.05), shareOf(1, 0.6), 0.5],
  ["a column that had one value and has another, smaller one", shareOf(5, 1), shareOf(4, 1), 5],
  ["a column that had one value and has another, larger one", shareOf(5, 1), shareOf(6, 1), 5],
  ["a value that was not there before, above the largest", shareOf(1, 0.5), shareOf(2, 0.5), 3],
])("detects the drift of %s", (_name, reference, evaluation, atLeast) => {
  const { facts } = judge({ drift: { psi: { max: 0.25 } } }, { evaluation, reference });
  expect(facts.drift?.[0]?.psi).toBeGreaterThan(atLeast);
});

test("leakage without a training snapshot is inconclusive; too few rows fail", () => {
  expect(judge({ leakage: { max: 0 } }).results[0]).toMatchObject({ outcome: "inconclusive" });
  expect(judge({ rows: { min: 501 } }).results[0]).toMatchObject({ outcome: "fail", value: 500 });
});
