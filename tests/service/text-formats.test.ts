import { expect, test } from "vitest";
import { testApp } from "./helpers/test-app.ts";
import { PENGUIN, served } from "./helpers/typed-models.ts";

test.each([
  ["", 422, "must have a header"],
  ["age,income,premium\n", 422, "must have at least one row"],
  ["age,income\n1,2\n", 422, "missing: premium"],
  ["age,income,premium\n1,2\n", 422, "must have 3 cells"],
  ["age,income,premium\n1,x,true\n", 422, "(income) must be a number"],
  ["age,income,premium\n1,0x10,true\n", 422, "(income) must be a number"],
  ["age,income,premium\n1.5,2,true\n", 422, "(age) must be a whole number"],
  ["age,income,premium\n1,2,maybe\n", 422, "(premium) must be true or false"],
  ['age,income,premium\n1,"2,true\n', 400, "has no closing quote"],
  ['age,income,premium\n1,"2"3,true\n', 400, "must end the cell"],
])("CSV: rejects %j", async (body, status, detail) => {
  const { send } = await served("integer-float-boolean");
  expect(await send("/invocations", body, "text/csv")).toMatchObject({
    status,
    detail: expect.stringContaining(detail),
  });
});

test.each([
  ["age,income,premium\n1,2,true\n1,x,true\n", "/1/1", "row 2, column 2 (income) must be a number, not a string"],
  ["age,income,premium\n1,2,true\n\n1,2\n", "/1", "row 2 must have 3 cells, like the header, not 2"],
  ["age,income\n1,2\n", "/0", "the header must name the model's columns age, income, premium; missing: premium"],
  ["age,income,premium,age\n1,2,true,1\n", "/0/3", 'column "age" of the header is a duplicate'],
  ...[";", "\t", "|"].map((separator) => [
    `age,income,premium\n1,2,true\n`.replaceAll(",", separator),
    "/0",
    `the header is a single cell with ${JSON.stringify(separator)}: the separator must be a comma`,
  ]),
])("CSV: the error for %j says in words where the fault is", async (body, pointer, detail) => {
  const { send } = await served("integer-float-boolean");
  expect(await send("/invocations", body, "text/csv")).toMatchObject({ status: 422, pointer, detail });
});

test("CSV: names a misspelled column of the header", async () => {
  const { send } = await served("penguins-mixed");
  const { bill_length_mm: _, ...without } = PENGUIN;
  const body = `${Object.keys(without)},bill_lenght_mm\n${Object.values(without)},39.1\n`;
  expect((await send("/invocations", body, "text/csv")).detail).toMatch(
    /^column "bill_lenght_mm" of the header is not a column of the model, but resembles "bill_length_mm"/,
  );
});

test("CSV: a model without column names also says that the separator must be a comma", async () => {
  const { post } = await testApp();
  const response = await post("0;1;2\n1;2;3\n", { "content-type": "text/csv" }, "/invocations");
  expect(await response.json()).toMatchObject({ status: 422, detail: expect.stringContaining("must be a comma") });
});

test("CSV: accepts a byte order mark, quotes, blank lines and unknown columns, on /invocations only", async () => {
  const { ask, send } = await served("integer-float-boolean");
  const expected = await ask("/invocations", { inputs: [[40, 30_000, true]] });
  const body = '\ufeff"note",premium,age,"income"\r\n"a ""b"", c",True,40,3e4\r\n\r\n';
  expect(await send("/invocations", body, "text/csv; charset=utf-8")).toEqual(expected);
  expect((await send("/predict", body, "text/csv")).status).toBe(415);
  expect((await send("/invocations", body, "text/plain")).detail).toContain(
    "application/json or text/csv or application/jsonl",
  );
  const { send: sendImage } = await served("digits-images");
  expect((await sendImage("/invocations", "0\n1\n", "text/csv")).status).toBe(415);
});

test("JSON Lines: accepts lists or objects and blank lines, on /invocations only", async () => {
  const { ask, send } = await served("integer-float-boolean");
  const expected = await ask("/invocations", {
    inputs: [
      [40, 30_000, true],
      [41, 3e4, false],
    ],
  });
  const lists = "\ufeff[40, 30000, true]\r\n\n[41, 3e4, false]";
  const objects =
    '{"premium": true, "age": 40, "income": 30000, "note": "x"}\n{"age": 41, "income": 3e4, "premium": false}\n';
  for (const body of [lists, objects]) expect(await send("/invocations", body, "application/jsonl")).toEqual(expected);
  expect((await send("/predict", lists, "application/jsonl")).status).toBe(415);
});

test.each([
  ["", 422, "must have at least one row"],
  ["[1, 2, true]\n[1, 2\n", 400, "line 2: the body is not JSON"],
  ["[1, 2, true]\n[1, 2]\n", 422, "line 2 must have 3 values"],
  ['{"age": 1, "income": 2, "premium": true}\n[1, 2, true]\n', 422, "line 2 must be an object"],
  ['{"age": 1, "income": "x", "premium": true}\n', 422, "line 1, /income (income) must be a number"],
  [
    '\n{"age": 1, "income": 2, "premium": true}\n\n{"age": 1, "incmoe": 2, "premium": true}\n',
    422,
    "line 4, /income is missing",
  ],
  ['{"age": 1, "premium": true}\n', 422, "line 1, /income is missing"],
  ["7\n", 422, "line 1 must be a list of 3 values"],
  ["[1, 2, true]\n".repeat(11_000), 413, "11000 rows exceed the limit"],
  // The limit counts before any line is parsed.
  ["[1, 2\n".repeat(11_000), 413, "11000 rows exceed the limit"],
  ["\n[9007199254740993, 2, true]\r\n", 422, "line 2, /0 (age) is 9007199254740993, beyond 2^53"],
])("JSON Lines: rejects %.40j", async (body, status, detail) => {
  const { send } = await served("integer-float-boolean");
  expect(await send("/invocations", body, "application/jsonl")).toMatchObject({
    status,
    detail: expect.stringContaining(detail),
  });
});
