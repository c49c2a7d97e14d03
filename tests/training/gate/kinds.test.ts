import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { DataFormat } from "../../../data/reader/data-format.ts";
import { readRows } from "../../../service/inference/rows.ts";
import { openPredictor } from "../../../service/predictor/predictor.ts";
import { judgeRowByRow } from "../../../training/gate/checks/row-by-row.ts";
import { evaluate } from "../../../training/gate/evaluation.ts";
import { fieldsFor } from "../../../training/gate/model-table.ts";
import { labelKind, taskOf } from "../../../training/gate/task-of.ts";
import { loadSnapshot } from "../../../training/snapshot.ts";
import { pinnedCsv } from "../../fixtures/training/pinned-csv.ts";

/** Models with the predictions of Python's onnxruntime; see make.py. */
const fixtures = join(import.meta.dirname, "../../fixtures/parity");
const kinds = readdirSync(fixtures, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

/** Settings that the file does not reveal. */
const FORMATS: Readonly<Record<string, DataFormat>> = {
  "labels-yes-no": { classes: ["no", "yes"], positive: "yes" },
  "labels-one-two": { classes: [1, 2], positive: 2 },
  "labels-minus-plus": { classes: [-1, 1], positive: 1 },
  "isolation-forest": { classes: [1, -1], positive: -1 },
  "boolean-label-of-big-integers": { classes: [false, true], positive: true },
  "metadata-threshold": { classes: ["benign", "malignant"], positive: "malignant" },
  "k-means": { classes: [0, 1, 2] },
};

interface Expected {
  readonly rows: readonly unknown[];
  readonly predict: { readonly predictions: readonly unknown[]; readonly probabilities?: readonly number[][] };
}

/** Keeps numbers beyond 2^53 as text. */
function parseExactly(text: string): Expected {
  const reviver = (_: string, value: unknown, context: { source: string }) =>
    typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value) ? context.source : value;
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown) as Expected;
}

/** Doubles beyond 2^53 are numbers in a report; integers are texts. */
const numberOf = (value: unknown) => (typeof value === "string" && /^[\d.]+e\d+$/.test(value) ? Number(value) : value);
const flat = (value: unknown): unknown[] => (Array.isArray(value) ? value.flatMap(flat) : [value]);
/** Writes integers beyond 2^53 into a list exactly. */
const text = (value: unknown) =>
  Array.isArray(value) ? JSON.stringify(value).replaceAll(/"(-?\d[\d.e+]{15,})"/g, "$1") : String(value);
const cell = (value: unknown) => (value === null ? "" : `"${text(value).replaceAll('"', '""')}"`);

const seen = { models: 0, rows: 0 };
afterAll(() => console.info(`the gate judged ${seen.models} kinds of models on ${seen.rows} rows of CSV`));

test.each(kinds)("evaluates %s with the types of its signature", async (kind) => {
  const { rows, predict } = parseExactly(await readFile(join(fixtures, kind, "expected.json"), "utf8"));
  const predictor = await openPredictor(join(fixtures, kind));
  try {
    const { inputs, isNamed } = predictor.signature;
    // CSV cannot distinguish an empty text from a missing one.
    const kept = [...rows.keys()].filter((row) => !flat(rows[row]).includes(""));
    const truths = kept.map((row) => flat(predict.predictions[row]));
    const labels = truths[0]?.length === 1 ? ["label"] : (truths[0] ?? []).map((_, place) => `y${place}`);
    const format: DataFormat = { ...FORMATS[kind], ...(labels.length > 1 && { label: labels }) };
    const task = taskOf(predictor, undefined, format);
    // Each value of a model's only tensor is a column; several tensors are lists in cells.
    const isTensor = inputs.length === 1 && inputs[0]?.shape !== undefined;
    const cells = kept.map((row) => (isTensor ? flat(rows[row]) : (rows[row] as unknown[])));
    const names = cells[0]?.map((_, place) => (isNamed && !isTensor ? inputs[place]?.name : `x${place}`)) ?? [];
    const lines = cells.map((row, place) => [...(truths[place] as unknown[]), ...row].map(cell).join(","));
    const path = await pinnedCsv(`${[...labels, ...names].map(cell).join(",")}\n${lines.join("\n")}\n`);
    const options = { format, others: "any", fields: fieldsFor(predictor.signature), label: labelKind(task) } as const;
    const evaluation = await evaluate(predictor, await loadSnapshot(path, options), task);
    if (evaluation.task === "regression") expect(evaluation.metrics.root_mean_squared_error).toBeLessThan(1e-3);
    else expect(evaluation.metrics.accuracy).toBe(1);
    // The truth is the model's prediction, so its scores rank the rows without error. CatBoost's export inverts the labels of these classes.
    if (evaluation.task === "binary" && kind !== "catboost-class-order")
      expect(evaluation.metrics.roc_auc ?? 1).toBe(1);
    let place = 0;
    for (const sample of evaluation.samples) {
      const features = String(flat(sample.features));
      while (place < cells.length && String(flat(cells[place]).map(numberOf)) !== features) place++;
      expect(flat(sample.features)).toEqual(flat(cells[place]).map(numberOf));
      if ("label" in sample) expect(String(sample.label)).toBe(String(truths[place]?.[0]));
      place++;
    }
    expect(evaluation.samples.length).toBeGreaterThanOrEqual(Math.min(20, kept.length));
    // As the deployment check sends them.
    const requests = evaluation.samples.map(({ features }) => features);
    expect(readRows(requests, "/features", { signature: predictor.signature, maxRows: 100 }).table.rows).toBe(
      requests.length,
    );
    expect(await judgeRowByRow(predictor, evaluation.samples)).toBeUndefined();
    seen.models++;
    seen.rows += kept.length;
  } finally {
    await predictor.close();
  }
});
