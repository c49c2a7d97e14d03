import { expect, test } from "vitest";
import type { ClassName } from "../../../data/prediction.ts";
import { ClassMap } from "../../../data/reader/class-map.ts";
import { parseFormat } from "../../../data/reader/data-format.ts";
import { LabelReader } from "../../../training/gate/answers/label-reader.ts";
import { MulticlassAnswers } from "../../../training/gate/answers/multiclass-answers.ts";

test.each<[ClassName | bigint, ClassName[], number | undefined]>([
  ["1", [0, 1], 1],
  ["1.0", [0, 1], 1],
  ["-1", [1, -1], 1],
  ["-0.0", [0, 1], 0],
  [1, ["0", "1"], 1],
  [1, ["0.0", "1.0"], 1],
  ["1.5", [1, 1.5], 1],
  ["True", [false, true], 1],
  [1n, [0, 1], 1],
  // Strings that only resemble the class.
  ["01", [1, 2], undefined],
  ["007", [7, 8], undefined],
  ["1e3", [1000, 2], undefined],
  ["1e0", [1, 2], undefined],
  [" 1", [1, 2], undefined],
  ["+1", [1, 2], undefined],
  ["1.", [1, 2], undefined],
  [".5", [0.5, 1], undefined],
  [" true", [false, true], undefined],
  [1, ["01", "2"], undefined],
  // To the last digit.
  ["9007199254740993", ["9007199254740992", "9007199254740993"], 1],
  ["9007199254740993", ["9007199254740992", "2"], undefined],
  [9007199254740993n, ["9007199254740992", "9007199254740993"], 1],
  [9007199254740993n, ["9007199254740993.0", "2"], 0],
  [2n ** 64n - 1n, ["18446744073709551614", "18446744073709551615"], 1],
  // A rounded number may stand for several.
  [2 ** 53, ["9007199254740992", "2"], undefined],
])("the value %o of the classes %j is the class %o", (value, classes, code) => {
  expect(new ClassMap(classes).codeOf(value)).toBe(code);
});

test.each<[string, ClassName[], number | undefined]>([
  [" 300", [300, 400], 0],
  ["0300.0", [300, 400], 0],
  ["3e2", [300, 400], 0],
  ["0300", ["300", "400"], undefined],
  ["-007", [-7, 300], 0],
])("the cell %j of the classes %j is the class %o", (cell, classes, code) => {
  expect(new ClassMap(classes).codeOfCell(cell)).toBe(code);
});

test("accepts distinct strings as classes, and rejects rounded numbers", () => {
  const format = { classes: ["1", "01", "2"] };
  expect(parseFormat(JSON.stringify(format), "x")).toEqual(format);
  expect(() => parseFormat('{"classes": ["1", "1.0"], "positive": "1"}', "x")).toThrow("must list distinct classes");
  expect(() => parseFormat('{"classes": [9007199254740993, 2, 3]}', "x")).toThrow(
    "x.classes.0 must be a string, got 9007199254740992: numbers beyond 2^53 are rounded. Put it in quotes",
  );
});

test("a label whose text differs from the class is a different class", () => {
  const answers = new MulticlassAnswers(4, [1, 2]);
  answers.take({ kind: "classes", classes: ["1", "01", "2.0", "2e0"], named: 0, codes: Int32Array.of(0, 1, 2, 3) }, 0, {
    rows: 4,
  });
  expect(answers.classes).toEqual([1, 2, "01", "2e0"]);
  expect([...answers.predicted]).toEqual([0, 2, 1, 3]);
  const reader = new LabelReader({ negative: 1, positive: 2 });
  expect(["1", "2.0", "02", " 2"].map((label) => reader.read(label))).toEqual([0, 1, undefined, undefined]);
});
