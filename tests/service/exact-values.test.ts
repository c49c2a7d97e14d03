import { expect, onTestFinished, test } from "vitest";
import { createApp } from "../../service/app.ts";
import { openPredictor } from "../../service/predictor/predictor.ts";
import { type EchoColumn, echoModel } from "./helpers/echo-model.ts";
import { encoder, gather, int64s, lookupModel } from "./helpers/lookup-model.ts";
import { MODEL } from "./helpers/test-app.ts";

async function served(making: Promise<{ folder: string } & AsyncDisposable>) {
  const model = await making;
  onTestFinished(() => model[Symbol.asyncDispose]());
  const predictor = await openPredictor(model.folder);
  const app = createApp({ predictor, model: MODEL, limits: { maxRows: 100, maxBodyBytes: 1e5 } });
  const send = async (path: string, body: string | Buffer, type = "application/json") => {
    const response = await app.request(path, { method: "POST", headers: { "content-type": type }, body });
    const text = await response.text();
    return { status: response.status, text, ...(JSON.parse(text) as { detail?: string; pointer?: string }) };
  };
  const ask = (path: string, body: unknown) => send(path, JSON.stringify(body));
  return { send, ask };
}
const INFER = `/v2/models/${MODEL.name}/infer`;
const WHEN: EchoColumn = { name: "when", type: "datetime" };
const NAME: EchoColumn = { name: "name", type: "string" };
const ID: EchoColumn = { name: "id", type: "long" };

/** The same row in each request form. */
const forms = (row: Record<string, unknown>): [string, unknown][] => {
  const names = Object.keys(row);
  const values = Object.values(row);
  const columns = Object.fromEntries(names.map((name) => [name, [row[name]]]));
  const inputs = names.map((name) => ({
    name,
    shape: [1],
    data: [row[name]],
    datatype: name === "id" ? "INT64" : "BYTES",
  }));
  return [
    ["/predict", { features: [values] }],
    ["/predict", { instances: [row] }],
    ["/invocations", { inputs: columns }],
    ["/invocations", { dataframe_split: { columns: names, data: [values] } }],
    ["/invocations", { dataframe_records: [row] }],
    [INFER, { inputs }],
  ];
};

test("returns integers beyond 2^53 with all digits", async () => {
  const long = ["9007199254740993", `${2n ** 63n - 1n}`];
  const classes = int64s("classes", ...long.map(BigInt), 7);
  const label = await served(lookupModel({ nodes: [gather("classes", "x")], labels: "int64", initializer: [classes] }));
  const three = { features: [[0], [1], [2]] };
  const expected = `["${long[0]}","${long[1]}",7]`;
  expect((await label.ask("/predict", three)).text).toBe(`{"predictions":${expected}}`);
  expect((await label.ask("/invocations", { inputs: three.features })).text).toBe(
    `{"predictions":{"label":${expected}}}`,
  );
  const infer = { inputs: [{ name: "x", shape: [3, 1], datatype: "FP32", data: [0, 1, 2] }] };
  expect((await label.ask(INFER, infer)).text).toContain(`"datatype":"INT64","shape":[3],"data":[${long},7]`);
});

test("returns integers beyond 2^53 with all digits, beside probabilities and as values", async () => {
  const long = ["9007199254740993", "9007199254740995"];
  const classes = int64s("classes", ...long.map(BigInt));
  const table = [
    [0.9, 0.1],
    [0.2, 0.8],
  ];
  const nodes = [gather("classes", "best")];
  const two = { features: [[0], [1]] };
  const model = await served(lookupModel({ table, nodes, labels: "int64", initializer: [classes] }));
  expect(await model.ask("/predict", two)).toMatchObject({ predictions: long, classes: long });
  const infer = { inputs: [{ name: "x", shape: [2, 1], datatype: "FP32", data: [0, 1] }] };
  expect((await model.ask(INFER, infer)).text).toContain(`"datatype":"INT64","shape":[2],"data":[${long}]`);
  const values = await served(
    lookupModel({
      nodes: [gather("classes", "x")],
      labels: "int64",
      initializer: [classes],
      prediction: { task: "regression", output: "label" },
    }),
  );
  expect((await values.ask("/predict", two)).text).toBe(`{"predictions":${JSON.stringify(long)}}`);
  expect((await values.ask("/invocations", { inputs: two.features })).text).toContain(JSON.stringify(long));
});

test("rejects an invalid date, with the reason", async () => {
  const { ask, send } = await served(echoModel([WHEN, NAME]));
  for (const [when, reason] of [
    ["2024-02-30", 'must be a valid date, not "2024-02-30": February 2024 has 29 days'],
    ["2023-02-29T10:00:00Z", "February 2023 has 28 days"],
    ["2024-04-31", "April 2024 has 30 days"],
    ["2024-13-01", "there is no month 13"],
    ["2024-01-00", "January 2024 has 31 days"],
    ["2024-01-01T25:00:00Z", 'must be a valid time, not "2024-01-01T25:00:00Z"'],
    ["31/01/2024", 'must be a date and time such as 2026-01-31T12:00:00Z, not "31/01/2024"'],
  ] as const) {
    const refused = { status: 422, detail: expect.stringContaining(reason) };
    for (const [path, body] of forms({ when, name: "a" })) expect(await ask(path, body)).toMatchObject(refused);
    expect(await send("/invocations", `when,name\n${when},a\n`, "text/csv")).toMatchObject(refused);
  }
  for (const when of ["2024-02-29", "2000-02-29", "0096-02-29", "2024-12-31"])
    for (const [path, body] of forms({ when, name: "a" })) expect((await ask(path, body)).status).toBe(200);
  expect((await ask("/predict", { features: [[5, "a"]] })).detail).toContain("T12:00:00Z, not a number");
});

test.each([[[NAME]], [[NAME, ID]], [[WHEN, NAME]]])(
  "serves strings unchanged, or rejects them: %j",
  async (columns) => {
    const { ask, send } = await served(echoModel(columns));
    const row = (name: string) =>
      Object.fromEntries(
        columns.map((column) => [column.name, column === NAME ? name : column === ID ? 7 : "2024-01-01"]),
      );
    for (const name of ["", "ä", "😀", "\ufffd", "\\ud800", "NaN"])
      for (const [path, body] of forms(row(name))) {
        const { status, text } = await ask(path, body);
        expect({ status, text }).toEqual({ status: 200, text: expect.any(String) });
        expect(JSON.stringify(JSON.parse(text))).toContain(JSON.stringify(name));
      }
    const nul = { status: 422, detail: expect.stringContaining("U+0000") };
    for (const [path, body] of forms(row("a\0b"))) expect(await ask(path, body)).toMatchObject(nul);
    const csv = (name: string) => `${columns.map((column) => column.name)}\n${Object.values(row(name))}\n`;
    expect(await send("/invocations", csv("a\0b"), "text/csv")).toMatchObject(nul);
    const notUtf8 = { status: 400, detail: "the body is not valid UTF-8" };
    const broken = (text: string) => {
      const bytes = Buffer.from(text);
      bytes[bytes.indexOf("MARK")] = 0xff;
      return bytes;
    };
    for (const round of [1, 2])
      for (const [path, body] of forms(row(`${round}MARK`))) {
        expect(await send(path, broken(JSON.stringify(body)))).toMatchObject(notUtf8);
        const half = JSON.stringify(body).replace("MARK", "\\uDC00");
        expect(await send(path, half)).toMatchObject({ status: 400, detail: expect.stringContaining("surrogate") });
        expect((await send(path, half.replace("\\uDC00", "\\ud83d\\ude00"))).status).toBe(200);
      }
    expect(await send("/invocations", broken(csv("MARK")), "text/csv")).toMatchObject(notUtf8);
  },
);

test("an empty CSV cell is a missing string, but an empty JSON string is a value", async () => {
  const strict = await served(echoModel([NAME, ID]));
  for (const cell of ["", '""'])
    expect(await strict.send("/invocations", `name,id\n${cell},7\n`, "text/csv")).toMatchObject({
      status: 422,
      pointer: "/0/0",
      detail: expect.stringContaining("to allow missing values, log the model with"),
    });
  const filled = await served(echoModel([{ ...NAME, required: false }, ID], { missingText: "none" }));
  const csv = await filled.send("/invocations", "name,id\n,7\n", "text/csv");
  expect(csv.text).toContain('"label":["none"]');
  expect((await filled.ask("/predict", { instances: [{ id: 7 }, { name: "", id: 7 }] })).text).toContain('["none",""]');
});

test("quotes a number beyond 2^53 with the caller's digits", async () => {
  const { send } = await served(echoModel([NAME, ID]));
  for (const [path, body] of forms({ name: "a", id: 12345 })) {
    const { status, detail } = await send(path, JSON.stringify(body).replace("12345", "9007199254740993"));
    expect(status).toBe(422);
    expect(detail).toMatch(
      / is 9007199254740993, beyond 2\^53, where JSON numbers lose precision: send it as a string$/,
    );
    const asText = JSON.stringify(body).replace("12345", '"9007199254740993"');
    expect((await send(path, asText)).status).toBe(200);
  }
});

test("a value that the model's tables lack is a 422, row by row", async () => {
  const { ask } = await served(
    lookupModel({ nodes: [gather("t", "x")], labels: "int64", initializer: [int64s("t", 5, 6)] }),
  );
  expect(await ask("/predict", { features: [[0], [1], [7], [9]] })).toMatchObject({
    status: 422,
    pointer: "/features/2",
    detail: "row 2 has a value that the model does not accept: index 7 is outside its table's range -2 to 1",
  });
  const texts = await served(lookupModel({ nodes: [encoder("x", "a", "b")], labels: "string" }));
  expect((await texts.ask("/predict", { features: [[0], [1]] })).text).toBe('{"predictions":["a","b"]}');
});
