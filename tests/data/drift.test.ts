import { describe, expect, test } from "vitest";
import { binOf, binsOf, populationStabilityIndex, sharesIn, toFloat32 } from "../../data/drift/bins.ts";
import {
  referenceBins as binsOfRows,
  driftReferenceText,
  parseReferenceBins,
} from "../../data/drift/reference-bins.ts";
import recorded from "../fixtures/drift/numpy.json" with { type: "json" };
import { type NumberRows, toSnapshot } from "../helpers/number-rows.ts";

const column = (values: readonly number[]) => toFloat32(Float64Array.from(values));

describe.each(recorded.cases)("of $name", ({ reference, sample, edges, expected, actual, psi }) => {
  test("bins, shares and PSI equal those of NumPy and SciPy", () => {
    const bins = binsOf(column(reference));
    expect([...bins.edges]).toEqual(edges);
    expect([...bins.shares]).toEqual(expected);
    const shares = sharesIn(bins.edges, column(sample));
    expect([...shares]).toEqual(actual);
    expect(Math.abs(populationStabilityIndex(bins.shares, shares) - psi)).toBeLessThan(1e-12);
  });
});

test("a value belongs to the first bin whose edge it does not exceed", () => {
  const edges = Float64Array.of(0, 1, 5);
  expect([-9, 0, 0.5, 1, 5, 6].map((value) => binOf(edges, value))).toEqual([0, 0, 1, 1, 2, 3]);
});

test("in a constant column, the value has its own bin, so that any other value counts as drift", () => {
  const { edges, shares } = binsOf(Float64Array.from({ length: 20 }, () => 7));
  expect([...shares]).toEqual([0, 1, 0]);
  expect([6, 7, 8].map((value) => binOf(edges, value))).toEqual([0, 1, 2]);
});

test("PSI is the published sum over bins", () => {
  expect(populationStabilityIndex([0.5, 0.5], [0.5, 0.5])).toBe(0);
  expect(populationStabilityIndex([0.5, 0.5], [0.9, 0.1])).toBeCloseTo(0.4 * Math.log(1.8) - 0.4 * Math.log(0.2), 12);
  expect(populationStabilityIndex([1, 0], [0, 1])).toBeCloseTo(2 * 0.9999 * Math.log(1e4), 9);
});

const referenceBins = (given: NumberRows) => binsOfRows(toSnapshot(given));
const snapshot = (rows: number, columns: readonly string[] = ["x", "größe"]) => ({
  path: "reference.csv",
  md5: "abc",
  rows,
  columns,
  features: Float64Array.from({ length: rows * columns.length }, (_, cell) => cell / 7),
  labels: Int32Array.from({ length: rows }, (_, row) => row % 2),
});

test("writes a snapshot's bins as JSON: columns in the file's order, the label last", () => {
  const bins = parseReferenceBins(referenceBins(snapshot(40)));
  expect(bins).toMatchObject({ md5: "abc", rows: 40 });
  expect(bins.columns.map(({ name }) => name)).toEqual(["x", "größe", "label"]);
  expect(bins.columns[2]).toEqual({ name: "label", edges: [0, 1], shares: [0.5, 0.5, 0] });
  expect(parseReferenceBins(driftReferenceText(bins))).toEqual({ columns: bins.columns });
});

test("rejects a snapshot with too few rows, or with more bins than an environment variable can hold", () => {
  expect(() => referenceBins(snapshot(9))).toThrow("reference.csv has 9 rows: bins require at least 10");
  const wide = Array.from({ length: 2000 }, (_, index) => `größe-${index}`);
  expect(() => referenceBins(snapshot(10, wide))).toThrow(/has 2000 columns, whose bins take \d+ bytes: .* 120000/);
});

test.for([
  ["[", "are not JSON"],
  ["1", "have no list of columns"],
  ['{"columns":{}}', "have no list of columns"],
  ["[1]", "have a column without a name"],
  ['[{"name":"x","edges":[1]}]', "of x must have numeric edges, and one more share than edges"],
  ['[{"name":"x","edges":[1],"shares":[1]}]', "of x must have numeric edges, and one more share than edges"],
  ['[{"name":"x","edges":["1"],"shares":[0,1]}]', "of x must have numeric edges, and one more share than edges"],
  ['[{"name":"x","edges":[2,1],"shares":[0,1,0]}]', "of x must have edges in ascending order"],
] as const)("rejects bins: %s", ([text, message]) => {
  expect(() => parseReferenceBins(text)).toThrow(message);
});
