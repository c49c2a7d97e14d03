import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { TextTable } from "../../../data/reader/read-table.ts";
import { describeData } from "../../../deploy/new-model/described-data.ts";
import { modelFiles } from "../../../deploy/new-model/model-files.ts";
import { trainerText } from "../../../deploy/new-model/trainer-text.ts";
import { testNeedingPython } from "../../helpers/test-needing.ts";

const { python, testWithPython } = await testNeedingPython();

const HOSTILE = [
  'a "b\\" #{c}: ',
  "two\nlines",
  "yes",
  "null",
  "1e3",
  "~",
  "- x",
  "DEL\u007f NEL\u0085 LS\u2028 PS\u2029 BOM\ufeff",
  "ü😀",
  "L".repeat(5000),
];

/** Files of a model whose label, id, classes and ignored columns have these names. */
function filesFor(label: string, id: string, classes: readonly [string, string]) {
  const rows = 60;
  const columns: Readonly<Record<string, (row: number) => string>> = {
    x: (row) => String(row / 7),
    [label]: (row) => classes[row % 2 ? 1 : 0],
    [id]: (row) => `id ${row}`,
    old: () => "1",
  };
  const names = Object.keys(columns);
  const table: TextTable = {
    names,
    columns: Object.values(columns).map((cell) => Array.from({ length: rows }, (_, row) => cell(row))),
    rows,
  };
  const data = describeData(table, "d.csv", label, { id, ignore: ["old"] });
  const files = modelFiles({
    name: "m",
    trainer: "python",
    data,
    rows: { train: 45, evaluation: 15 },
    ports: { staging: 8000, production: 8001 },
    mlflow: { port: 5050 },
  });
  return { data, staging: files.get("Pulumi.m-staging.yaml") ?? "", trainer: files.get("models/m/train.py") ?? "" };
}

test.each(HOSTILE)("columns and classes may have any characters (%#)", (name) => {
  const { data, staging } = filesFor(name, `${name}_id`, [`${name} `, "other"]);
  const settings = parse(staging).config["model-promotion:data"];
  expect(settings).toMatchObject({ label: name, id: `${name}_id`, classes: data.classes, positive: data.positive });
  // The Pulumi CLI's YAML rejects control characters, and reads these separators as line breaks.
  expect(staging).not.toMatch(/[\u007f-\u009f\u2028\u2029\ufeff]/);
});

test("true, True and TRUE are one class for the trainer", () => {
  const { data, trainer } = filesFor("y", "i", ["TRUE", "false"]);
  expect(data.classes).toEqual([false, true]);
  expect(trainer).toContain("(one.truth.str.lower().astype(object) for one in (training, evaluation))");
  expect(filesFor("y", "i", ["yes", "no"]).trainer).not.toContain("str.lower()");
});

testWithPython(
  "the trainer rejects a boolean column with gaps or other texts, instead of reading them as true",
  {},
  () => {
    const { data } = filesFor("y", "i", ["yes", "no"]);
    const trainer = trainerText("m", { ...data, booleans: ["b"] });
    const typed = trainer.slice(trainer.indexOf("NUMBERS ="), trainer.indexOf("def rows("));
    const read = (cells: string) => {
      const csv = `x,b\n${cells
        .split(" ")
        .map((cell) => `1,${cell}\n`)
        .join("")}`;
      const script = `import io\nimport pandas as pd\n${typed}\ntable = pd.read_csv(io.StringIO(${JSON.stringify(csv)}))\nprint(typed(table).b.tolist())`;
      const { status, stdout } = spawnSync(python, ["-c", script], { encoding: "utf8" });
      return status === 0 ? stdout.trim() : "rejected";
    };
    expect(["true False TRUE", "1 0", "true  false", "yes no"].map(read)).toEqual([
      "[True, False, True]",
      "[True, False]",
      "rejected",
      "rejected",
    ]);
  },
);
