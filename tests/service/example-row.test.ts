import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exampleRow, readExampleRow } from "../../service/page/example-row.ts";
import { floats } from "./helpers/tables.ts";
import { testModel } from "./helpers/test-model.ts";

const plain = floats(3);
const named = floats(3, ["age", "visits", "spend"]);

test("uses the first row of MLflow's input example, in the model's order", () => {
  expect(exampleRow('{"data": [[1, 2.5, -3], [4, 5, 6]]}', plain)).toEqual([1, 2.5, -3]);
  expect(exampleRow("[[1, 2.5, -3]]", plain)).toEqual([1, 2.5, -3]);
  expect(exampleRow('{"columns": [0, 1, 2], "data": [[1, 2, 3]]}', plain)).toEqual([1, 2, 3]);
  expect(exampleRow('{"columns": ["spend", "age", "visits"], "data": [[3, 1, 2]]}', named)).toEqual([1, 2, 3]);
});

test.each([
  ["", "no file"],
  ["{", "not JSON"],
  ["null", "nothing"],
  ['{"data": [[1, 2]]}', "wrong width"],
  ['{"data": [[1, null, 3]]}', "a missing value"],
  ['{"data": [["1", 2, 3]]}', "text"],
  ['{"columns": ["a", "b", "c"], "data": [[1, 2, 3]]}', "wrong columns"],
])("finds no example in %j: %s", (text) => {
  expect(exampleRow(text, named)).toBeUndefined();
});

test("uses zeros if the model has no example", async () => {
  await using model = await testModel();
  expect(await readExampleRow(model.folder, plain, new Map())).toEqual([0, 0, 0]);
  await writeFile(join(model.folder, "input_example.json"), '{"data": [[7, 8, 9]]}');
  expect(await readExampleRow(model.folder, plain, new Map())).toEqual([7, 8, 9]);
});
