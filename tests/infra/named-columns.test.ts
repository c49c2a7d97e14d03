import * as pulumi from "@pulumi/pulumi";
import { expect, test, vi } from "vitest";
import { configuredColumns } from "../../infra/environments/staging.ts";
import { columnProblems } from "../../infra/named-columns.ts";
import { parseSettings, type StagingSettings } from "../../infra/settings.ts";
import { pinnedCsv, writeParquet } from "../fixtures/training/pinned-csv.ts";
import { configOf, runProgram } from "./program.ts";

const HEADER = "age,region,exposure,customer,churned";
const rows = (header = HEADER) => pinnedCsv(`${header}\n1,a,1,c1,0\n`);

const settingsOf = (data: object, changes: object = {}) =>
  parseSettings(configOf("staging", { data, ...changes }), "staging") as StagingSettings;

async function problems(data: object, changes?: object) {
  const training = await rows();
  const settings = settingsOf({ training, evaluation: training, label: "churned", ...data }, changes);
  return columnProblems(configuredColumns(settings, "staging"));
}

test("accepts every configured column that the snapshots have", async () => {
  const gate = { slices: { region: { column: "region", accuracy: { min: 0.5 } } } };
  const data = { weights: "exposure", id: "customer", ignore: ["age"] };
  expect(await problems(data, { gate })).toEqual({ errors: [], warnings: [] });
});

const HAS = "it has age, region, exposure, customer, churned";
const slices = (slice: object) => ({ gate: { slices: { mine: { ...slice, accuracy: { min: 0.5 } } } } });

test.each<[string, object, object | undefined, string]>([
  ["label", { label: "churn" }, undefined, `data.label names the column "churn", but `],
  ["label", { label: "churn" }, undefined, `${HAS}. The nearest is "churned" (stack staging). Set it with: pulumi`],
  ["label by default", { label: undefined }, undefined, `data.label names the column "label", but `],
  ["second target", { label: ["churned", "regoin"] }, undefined, `${HAS}. The nearest is "region"`],
  ["weights", { weights: "exposures" }, undefined, `${HAS}. The nearest is "exposure"`],
  ["id", { id: "Customer" }, undefined, `data.id names the column "Customer", but `],
  ["slice", {}, slices({ column: "regoin" }), `gate.slices.mine.column names the column "regoin", but `],
  ["slice", {}, slices({ column: "regoin" }), `${HAS}. The nearest is "region"`],
  [
    "crossed slice",
    {},
    slices({ columns: ["region", "sex"] }),
    `gate.slices.mine.columns names the column "sex", but `,
  ],
  [
    "slice that is not data",
    { ignore: ["region"] },
    slices({ column: "region" }),
    'gate.slices.mine.column names the column "region", which data.ignore excludes from the data',
  ],
])("finds a wrong %s", async (_name, data, changes, message) => {
  const { errors } = await problems(data, changes);
  expect(errors.join("\n")).toContain(message);
});

test("warns about a misspelled column of data.ignore, because snapshots may lack it", async () => {
  expect(await problems({ ignore: ["customr"] })).toEqual({
    errors: [],
    warnings: [`data.ignore names the column "customr", which no snapshot has: ${HAS}. The nearest is "customer"`],
  });
});

test("reads Parquet, and leaves missing or unreadable files to their readers", async () => {
  const parquet = await writeParquet("SELECT 1 AS age, 0 AS Churned");
  const { errors } = await problems({ evaluation: parquet });
  expect(errors).toEqual([expect.stringContaining('it has age, Churned. The nearest is "Churned"')]);
  for (const evaluation of ["missing.csv", await pinnedCsv("\n")])
    expect((await problems({ evaluation })).errors).toEqual([]);
});

test("requires the label in the training snapshot only for the built-in trainer", async () => {
  const training = await rows("age,region,exposure,customer,x");
  expect((await problems({ training })).errors).toHaveLength(1);
  expect((await problems({ training }, { training: { command: "python train.py" } })).errors).toEqual([]);
  expect((await problems({ training }, { training: { version: "1" } })).errors).toEqual([]);
});

test("with a wrong label, the program declares nothing, unless the update fetches the data", async () => {
  const data = { training: "training/data/churn/train.csv", evaluation: "training/data/churn/evaluation.csv" };
  const wrong = { ...data, label: "labl" };
  await expect(runProgram(configOf("staging", { data: wrong }))).rejects.toThrow('The nearest is "label"');
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  const { declared } = await runProgram(configOf("staging", { data: { ...wrong, pull: "dvc pull" } }));
  expect(declared.map(({ name }) => name)).toContain("churn-model-trainer");
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('The nearest is "label"'));
});
