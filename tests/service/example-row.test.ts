import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createApp } from "../../service/app.ts";
import { BODY_FORMATS } from "../../service/inference/body-formats.ts";
import { exampleRow, readExampleRow } from "../../service/page/example-row.ts";
import { openPredictor } from "../../service/predictor/predictor.ts";
import { floats } from "./helpers/tables.ts";
import { MODEL } from "./helpers/test-app.ts";
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

test("the API's documentation shows the same row in every format", async () => {
  await using model = await testModel();
  await writeFile(join(model.folder, "input_example.json"), '{"data": [[7, 8.5, -9]]}');
  const predictor = await openPredictor(model.folder);
  const limits = { maxRows: 5, maxBodyBytes: 2000 };
  const app = createApp({ predictor, model: MODEL, limits, folder: model.folder });
  type Post = { requestBody: { content: Record<string, { examples: Record<string, { value: unknown }> }> } };
  const document = (await (await app.request("/openapi.json")).json()) as { paths: Record<string, { post: Post }> };
  const examplesOf = (path: string) =>
    Object.values(document.paths[path]?.post.requestBody.content ?? {}).flatMap(({ examples }) =>
      Object.values(examples).map(({ value }) => value),
    );
  const row = [7, 8.5, -9];
  expect(examplesOf("/invocations")).toEqual([
    { features: [row] },
    { instances: [row] },
    { inputs: [row] },
    "0,1,2\n7,8.5,-9\n",
    "[7,8.5,-9]\n",
  ]);
  const tensor = { name: "features", shape: [1, 3], datatype: "FP32", data: row };
  expect(examplesOf("/v2/models/churn-model/infer")).toEqual([{ inputs: [tensor] }]);
});

test("a missing value of the example is an empty cell in CSV", () => {
  expect(BODY_FORMATS["text/csv"]?.example(["a", "b"], [null, "x\r\ny"])).toBe('a,b\n,"x\r\ny"\n');
});
