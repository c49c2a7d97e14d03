import { expect, test } from "vitest";
import { microsOf } from "../../../data/instant.ts";
import type { Column, Table } from "../../../data/table.ts";
import { slicesPolicy } from "../../../training/gate/checks/slice-policy.ts";
import { type Grouping, groupsOf } from "../../../training/gate/groups.ts";
import { partition } from "../../../training/gate/partition.ts";
import { parsePolicy, policySha256 } from "../../../training/gate/policy.ts";
import { evaluationWith, judgeSlices } from "./evaluation-with.ts";

const texts = (...values: (string | undefined)[]): Column => {
  const dictionary = [...new Set(values.filter((value) => value !== undefined))];
  return {
    kind: "text",
    codes: Int32Array.from(values, (value) => (value === undefined ? -1 : dictionary.indexOf(value))),
    dictionary,
  };
};
const day = (text: string) => microsOf(text) ?? 0n;
const snapshotOf = (sex: Column, region: Column) => {
  const table: Table = {
    rows: 6,
    fields: [
      { name: "sex", type: "string", nullable: true },
      { name: "region", type: "string", nullable: true },
      { name: "id", type: "int64", nullable: false },
      { name: "member", type: "boolean", nullable: true },
      { name: "signed", type: "datetime", nullable: true },
      { name: "share", type: "float32", nullable: false },
    ],
    columns: [
      sex,
      region,
      { kind: "number", data: BigInt64Array.of(9007199254740993n, 1n, 1n, 2n, 2n, 2n), offset: 0, stride: 1 },
      {
        kind: "number",
        data: Uint8Array.of(1, 0, 0, 1, 1, 0),
        missing: Uint8Array.of(0, 0, 0, 0, 0, 1),
        offset: 0,
        stride: 1,
      },
      {
        kind: "number",
        missing: Uint8Array.of(0, 0, 0, 0, 1, 0),
        offset: 0,
        stride: 1,
        data: BigInt64Array.of(
          day("2025-01-01"),
          day("2025-06-30"),
          day("2025-07-01"),
          day("2026-01-01T12:00"),
          0n,
          day("2025-01-01"),
        ),
      },
      { kind: "number", data: Float32Array.of(0.1, 0.1, 0.2, 0.2, 0.2, 0.3), offset: 0, stride: 1 },
    ],
  };
  return { path: "p.csv", md5: "m", rows: 6, table, truth: undefined, unfit: new Map<string, string>() };
};
const HERE = snapshotOf(
  texts("f", "f", "m", "m", undefined, "f"),
  texts("east", "west", "east", "east", "west", "east"),
);

const named = (grouping: Grouping) => {
  const groups = groupsOf(HERE, grouping);
  return typeof groups === "string" ? groups : groups.map(({ name, rows }) => `${name}: ${rows}`);
};

test("cuts are compared at the precision of their column", () => {
  expect(groupsOf(HERE, { column: "share", cuts: [0.1, 0.2] })).toMatchObject([
    { name: "share <= 0.1", rows: [0, 1] },
    { name: "0.1 < share <= 0.2", rows: [2, 3, 4] },
    { name: "share > 0.2", rows: [5] },
  ]);
  const half = new Uint16Array(Float16Array.of(0.1, 0.2, 0.3).buffer);
  const table: Table = {
    rows: 3,
    fields: [{ name: "half", type: "float16", nullable: false }],
    columns: [{ kind: "number", data: half, offset: 0, stride: 1 }],
  };
  const groups = groupsOf({ ...HERE, table }, { column: "half", cuts: [0.2] });
  expect(groups).toMatchObject([{ rows: [0, 1] }, { rows: [2] }]);
  expect(groupsOf({ ...HERE, table }, { column: "half", categories: [0.2] })).toMatchObject([
    { name: "half = 0.2", rows: [1] },
    { name: "half is another value", rows: [0, 2] },
  ]);
});

test("each listed category is a group, with or without rows; all other values form one group", () => {
  expect(named({ column: "region", categories: ["east", "north"] })).toEqual([
    "region = east: 0,2,3,5",
    "region = north: ",
    "region is another value: 1,4",
  ]);
  expect(named({ column: "id", categories: [2, "9007199254740993"] })).toEqual([
    "id = 2: 3,4,5",
    "id = 9007199254740993: 0",
    "id is another value: 1,2",
  ]);
  expect(named({ column: "member", categories: [true, "False"] })).toEqual([
    "member = true: 0,3,4",
    "member = False: 1,2",
    "member is missing: 5",
  ]);
  expect(named({ column: "signed", categories: ["2025-01-01"] })).toEqual([
    "signed = 2025-01-01: 0,5",
    "signed is another value: 1,2,3",
    "signed is missing: 4",
  ]);
  expect(named({ column: "share", categories: [0.1, 0.2] })).toEqual([
    "share = 0.1: 0,1",
    "share = 0.2: 2,3,4",
    "share is another value: 5",
  ]);
});

test("dates are cut at dates, and shown as dates", () => {
  expect(named({ column: "signed", cuts: ["2025-07-01", "2025-01-01T00:00:00Z"] })).toEqual([
    "signed <= 2025-01-01T00:00:00Z: 0,5",
    "2025-01-01T00:00:00Z < signed <= 2025-07-01T00:00:00Z: 1,2",
    "signed > 2025-07-01T00:00:00Z: 3",
    "signed is missing: 4",
  ]);
  expect(named({ column: "signed" })).toContain("signed = 2026-01-01T12:00:00Z: 3");
  expect(named({ column: "signed", quantiles: 2 })).toHaveLength(3);
});

test("a cut or category that the column cannot contain is reported", () => {
  expect(named({ column: "id", cuts: ["2025-01-01"] })).toBe(
    'the cut "2025-01-01" is not a number: column id of p.csv is of type int64',
  );
  expect(named({ column: "member", categories: ["yes"] })).toBe(
    'the category "yes" is not valid for column member of p.csv, which is of type boolean',
  );
  expect(named({ column: "signed", categories: [7] })).toContain("the category 7 is not valid for column signed");
});

test("close quantiles have distinct names", () => {
  const years = Float64Array.from({ length: 6 }, (_, row) => 20_250_101 + row);
  const table: Table = {
    rows: 6,
    fields: [{ name: "day", type: "float64", nullable: false }],
    columns: [{ kind: "number", data: years, offset: 0, stride: 1 }],
  };
  const groups = groupsOf({ ...HERE, table }, { column: "day", quantiles: 3 });
  expect(new Set(typeof groups === "string" ? [] : groups.map(({ name }) => name)).size).toBe(3);
});

test("two crossed columns form a group for each combination in the rows or the policy", () => {
  const names = (...groupings: Grouping[]) => {
    const found = partition(HERE, groupings);
    return typeof found === "string" ? found : found.groups.map(({ name, rows }) => `${name}: ${rows}`);
  };
  expect(names({ column: "sex" }, { column: "region" })).toEqual([
    "sex = f, region = east: 0,5",
    "sex = f, region = west: 1",
    "sex = m, region = east: 2,3",
    "sex is missing, region = west: 4",
  ]);
  expect(names({ column: "sex", categories: ["m"] }, { column: "id", cuts: [1] })).toEqual([
    "sex = m, id <= 1: 2",
    "sex = m, id > 1: 3",
    "sex is another value, id <= 1: 1",
    "sex is another value, id > 1: 0,5",
    "sex is missing, id > 1: 4",
  ]);
  expect(names({ column: "sex" }, { column: "town" })).toContain("has no column town");
});

test("a group that only the reference has is listed, and one that the policy names is inconclusive", () => {
  const reference = snapshotOf(
    texts("f", "x", "m", "m", "m", "m"),
    texts("east", "east", "west", "west", "east", "east"),
  );
  const evaluation = { ...evaluationWith(1), rows: 6, labels: new Int32Array(6), predicted: new Int32Array(6) };
  const judge = (terms: object) =>
    judgeSlices(
      evaluation,
      HERE,
      slicesPolicy.parse({ s: { minSize: 1, accuracy: { min: 0.5 }, ...terms } }),
      reference,
    );
  const found = judge({ column: "sex" });
  expect(found.results[0]).toMatchObject({
    outcome: "pass",
    detail: expect.stringContaining(
      "(not evaluated: sex = x has rows in the reference, but none in the evaluation snapshot)",
    ),
  });
  expect(found.facts.slices[0]?.dropped).toEqual([
    { group: "sex = x", why: "has rows in the reference, but none in the evaluation snapshot" },
  ]);
  const crossed = judge({ columns: ["sex", "region"] });
  expect(crossed.facts.slices[0]).toMatchObject({
    column: "sex and region",
    dropped: [{ group: "sex = m, region = west" }, { group: "sex = x, region = east" }],
  });
  expect(judge({ column: "sex", categories: ["f", "m", "x"] }).results[0]).toMatchObject({
    outcome: "inconclusive",
    detail: expect.stringContaining(": only 0 rows where sex = x, but minSize is 1 (the other groups pass: "),
  });
});

test("the message lists eight dropped groups, and the facts all of them", () => {
  const categories = Array.from({ length: 12 }, (_, place) => `c${place}`);
  const evaluation = { ...evaluationWith(1), rows: 6, labels: new Int32Array(6), predicted: new Int32Array(6) };
  const policy = slicesPolicy.parse({ s: { column: "sex", minSize: 1, categories, accuracy: { min: 0.5 } } });
  const { results, facts } = judgeSlices(evaluation, HERE, policy);
  expect(results[0]?.detail).toContain("0 rows where sex = c7, and 4 more (see the report), but minSize is 1 (");
  expect(facts.slices[0]?.dropped).toHaveLength(12);
});

test.each([
  [{ columns: ["sex"] }, "slices.s.columns must have two columns"],
  [{ columns: ["sex", "region"], column: "sex" }, "slices.s.columns must not be combined with column"],
  [
    { columns: ["sex", "age"], cuts: [1] },
    "slices.s must have cuts, quantiles and categories inside the crossed columns",
  ],
  [
    { columns: ["sex", { column: "age", cutz: [1] }] },
    "slices.s.columns.1.cutz is not a setting. The nearest is slices.s.columns.1.cuts",
  ],
  [{ column: "a", cuts: ["soon"] }, 'slices.s.cuts.0 must be a number, or a date such as 2026-01-31, got "soon"'],
  [{ column: "a", categories: ["x"], cuts: [1] }, "slices.s must have only one of cuts, quantiles and categories"],
  [{ column: "a", classes: { b: {} } }, "slices.s.classes.b must have one of selectionRateDifference"],
])("rejects the slice %j", (terms, message) => {
  expect(() => parsePolicy({ slices: { s: { accuracy: { min: 0.5 }, ...terms } } }, "p")).toThrow(message);
});

test("policies of earlier releases keep their hash", () => {
  const slices = { a: { column: "f0", cuts: [0], minSize: 9, accuracy: { min: 0.5 }, equalizedOdds: { max: 0.2 } } };
  expect(policySha256(parsePolicy({ slices }, "p"))).toBe(
    "35dac3958cb5611e13ed71788c939d61c9aa05c031945d888cc30ff50ebbcd59",
  );
});
