import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, test } from "vitest";
import { createApp } from "../../service/app.ts";
import { openPredictor, type Signature } from "../../service/predictor/predictor.ts";
import { MODEL } from "./helpers/test-app.ts";

const fixtures = join(import.meta.dirname, "../fixtures/parity");
const kinds = readdirSync(fixtures, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

/** Answers of Python's onnxruntime; see make.py. Whole numbers beyond 2^53 are strings, as in requests. */
interface Expected {
  readonly rows: readonly unknown[];
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly types: Readonly<Record<string, string>>;
  readonly predict: Readonly<Record<string, unknown>>;
}

const seen = { forms: 0, rows: 0, values: 0 };
afterAll(() => {
  console.info(
    `parity with Python's onnxruntime: ${kinds.length} models, ${seen.forms} requests of ${seen.rows} rows, ${seen.values} values compared`,
  );
});

/** Keeps numbers beyond 2^53 as strings of their digits. */
function parseExactly(text: string): unknown {
  const reviver = (_: string, value: unknown, context: { source: string }) =>
    typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value) ? context.source : value;
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
}

/** Tolerance for batches of another size, in which some operators add in another order, in Python as well. */
const ROUNDING = 2e-6;

const f16round = (value: number) => Float16Array.of(value)[0] as number;

/** Throws if a value differs. Fewer digits distinguish float32s than doubles. */
function compare(found: unknown, wanted: unknown, type: string, where: string, isExact = true): void {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found) || found.length !== wanted.length)
      throw new Error(`${where} is ${JSON.stringify(found)?.slice(0, 200)}, not a list of ${wanted.length}`);
    for (const [index, one] of wanted.entries()) compare(found[index], one, type, `${where}/${index}`, isExact);
    return;
  }
  seen.values++;
  const isFloat = type.startsWith("float");
  const [a, b] = isFloat ? [Number(found), Number(wanted)] : [found, wanted];
  const rounded = (value: unknown) => (type === "float16" ? f16round : Math.fround)(value as number);
  const isSame = /^float(16|32)$/.test(type) ? Object.is(rounded(a), rounded(b)) : Object.is(a, b);
  const isNear = !isExact && isFloat && Math.abs(Number(a) - Number(b)) <= ROUNDING * Math.max(1, Math.abs(Number(b)));
  if (!isSame && !isNear) throw new Error(`${where} is ${String(found)}, not ${String(wanted)} (${type})`);
}

const cell = (value: unknown) => (value === null ? "" : `"${String(value).replaceAll('"', '""')}"`);

/** Every request that can represent the rows, by its form: path, body, content type. */
function requestsOf(
  { inputs, isNamed }: Signature,
  rows: readonly unknown[],
  isScalar: boolean,
): [string, string, string, string?][] {
  const isTensor = inputs.length === 1 && !isScalar;
  const list = isTensor ? rows.map((row) => [row]) : (rows as unknown[][]);
  const columns = isNamed ? inputs.map(({ name }) => name) : inputs.map((_, index) => index);
  const records = list.map((row) => Object.fromEntries(inputs.map(({ name }, place) => [name, row[place]])));
  const byColumn = Object.fromEntries(inputs.map(({ name }, place) => [name, list.map((row) => row[place])]));
  const bodies: [string, string, unknown][] = [
    ["features", "/predict", { features: rows }],
    ["features", "/invocations", { instances: rows }],
    ["inputs", "/invocations", { inputs: rows }],
    ["split", "/invocations", { dataframe_split: { columns, data: list } }],
    [
      "split, the other way round",
      "/invocations",
      { dataframe_split: { columns: columns.toReversed(), data: list.map((row) => row.toReversed()) } },
    ],
  ];
  if (isNamed)
    bodies.push(
      ["records", "/predict", { instances: records }],
      [
        "records and another column",
        "/invocations",
        { dataframe_records: records.map((one) => ({ ...one, other: "x" })) },
      ],
      ["lists by column", "/invocations", { inputs: byColumn }],
    );
  const requests: [string, string, string, string?][] = bodies.map(([form, path, body]) => [
    form,
    path,
    JSON.stringify(body),
  ]);
  const lines = rows.map((row) => JSON.stringify(row)).join("\n");
  requests.push(["JSON Lines", "/invocations", lines, "application/jsonl"]);
  // CSV has no empty strings: an empty cell is missing.
  if (isScalar && !list.some((row) => row.includes(""))) {
    const lines = [columns, ...list].map((row) => row.map(cell).join(","));
    requests.push(["CSV", "/invocations", lines.join("\r\n"), "text/csv"]);
  }
  return [...requests, ...tensorsOf({ inputs, isNamed }, list)];
}

const BYTES = new Set(["string", "datetime"]);
const datatypeOf = (type: string) =>
  BYTES.has(type) ? "BYTES" : type === "boolean" ? "BOOL" : type.replace("float", "FP").toUpperCase();

/** Open Inference Protocol requests: one tensor for all columns, flat and nested, and one tensor per column. */
function tensorsOf({ inputs, isNamed }: Signature, list: readonly unknown[][]): [string, string, string][] {
  const path = "/v2/models/churn-model/infer";
  const [first] = inputs;
  const requests: [string, string, string][] = [];
  const push = (form: string, tensors: unknown) => requests.push([form, path, JSON.stringify({ inputs: tensors })]);
  if (first && inputs.every(({ type, shape }) => type === first.type && (!shape || inputs.length === 1))) {
    const shape = [list.length, ...(inputs.length === 1 && first.shape ? first.shape : [inputs.length])];
    const tensor = { name: isNamed && inputs.length === 1 ? first.name : "X", shape, datatype: datatypeOf(first.type) };
    push("one flat tensor", [{ ...tensor, data: list.flat(Number.POSITIVE_INFINITY) }]);
    push("one nested tensor", [
      { ...tensor, data: inputs.length === 1 && first.shape ? list.map(([row]) => row) : list },
    ]);
  }
  if (isNamed)
    push(
      "one tensor per column",
      inputs.map(({ name, type, shape }, place) => ({
        name,
        datatype: datatypeOf(type),
        shape: [list.length, ...(shape ?? [1])],
        data: list.map((row) => row[place]).flat(Number.POSITIVE_INFINITY),
      })),
    );
  return requests;
}

test.each(kinds)("returns the same answers as Python's onnxruntime: %s", async (kind) => {
  const folder = join(fixtures, kind);
  const expected: Expected = JSON.parse(await readFile(join(folder, "expected.json"), "utf8"));
  const predictor = await openPredictor(folder);
  const app = createApp({ predictor, model: MODEL, limits: { maxRows: 2000, maxBodyBytes: 1e7 } });
  const ask = async (path: string, body: string, type = "application/json") => {
    const response = await app.request(path, { method: "POST", headers: { "content-type": type }, body });
    const text = await response.text();
    if (response.status !== 200)
      throw new Error(`${path} answers ${response.status}: ${text}; asked ${body.slice(0, 300)}`);
    return parseExactly(text) as Record<string, unknown>;
  };
  const { rows, outputs, types, predict } = expected;
  const isScalar = predictor.signature.inputs.every(({ shape }) => shape === undefined);
  const check = (path: string, answer: Record<string, unknown>, where: string, pick?: (all: unknown) => unknown) => {
    if (path === "/predict") {
      for (const [key, wanted] of Object.entries(predict))
        compare(
          answer[key],
          key === "classes" ? wanted : (pick?.(wanted) ?? wanted),
          typeOfPredict(key, expected),
          `${where} ${key}`,
          !pick,
        );
      return;
    }
    const found =
      path === "/invocations"
        ? (answer.predictions as Record<string, unknown>)
        : Object.fromEntries(
            (answer.outputs as { name: string; data: unknown }[]).map(({ name, data }) => [name, data]),
          );
    for (const [name, all] of Object.entries(outputs)) {
      const wanted = pick?.(all) ?? all;
      const isFlat = path !== "/invocations" || isLabel(name);
      compare(
        found[name],
        isFlat ? [wanted].flat(Number.POSITIVE_INFINITY) : wanted,
        types[name] ?? "",
        `${where} ${name}`,
      );
    }
  };
  const isLabel = (name: string) => predictor.outputs.some((output) => output.name === name && output.role === "label");
  for (const [form, path, body, type] of requestsOf(predictor.signature, rows, isScalar)) {
    check(path, await ask(path, body, type), `${form} on ${path}:`);
    seen.forms++;
    seen.rows += rows.length;
  }
  // Sends each row alone, concurrently, so that the batcher joins them.
  const alone = rows.map(async (row, index) => {
    const answer = await ask("/predict", JSON.stringify({ features: [row] }));
    check("/predict", answer, `row ${index} alone:`, (all) => [(all as unknown[])[index]]);
    seen.forms++;
    seen.rows++;
  });
  await Promise.all(alone);
  await predictor.close();
});

/** Type of a member of /predict's response: that of the output that contains it. */
function typeOfPredict(key: string, { predict, types }: Expected): string {
  const isLabel = key === "classes" || (key === "predictions" && Object.keys(predict).length > 1);
  if (isLabel) return "";
  const all = Object.values(types);
  return all.length === 1
    ? (all[0] ?? "")
    : all.includes("float32")
      ? "float32"
      : (all.find((type) => type.startsWith("float")) ?? "");
}
