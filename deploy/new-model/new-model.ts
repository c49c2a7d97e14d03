// Creates a model's folder and stack files: npm run new -- <name> --data <csv or parquet> --label <column>
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { identityOfFile } from "../../data/reader/file-identity.ts";
import { readTexts, type TextTable } from "../../data/reader/read-table.ts";
import { dvcPointerPath, dvcPointerText } from "../../training/dvc-pointer.ts";
import { reportFailure } from "../terminal.ts";
import { type DescribedData, describeData, TASKS } from "./described-data.ts";
import { modelFiles, type NewModel, nextCommands, productionOf, stagingOf, TRAINERS } from "./model-files.ts";
import { splitRows } from "./split-rows.ts";
import { nextFreePorts, type UsedByStacks, usedByStacks } from "./used-ports.ts";

const USAGE = `usage: npm run new -- <name> --data <file> --label <column> [--task <task>] [--trainer <trainer>]
         [--positive <class>] [--id <column>] [--ignore <column>]... [--port <first>]
  creates models/<name>/ (data with DVC pointers, trainer, README) and the stacks <name>-staging and <name>-production
  <name>      lower-case letters, digits and dashes
  --data      CSV or Parquet; a fixed quarter of the rows becomes the evaluation snapshot
  --label     the column to predict
  --task      ${TASKS.join(", ")}; by default inferred from the label
  --positive  of two classes, the one to detect, such as yes; by default the second one
  --id        the column that identifies rows; by default one named like an id, or one that numbers the rows
  --ignore    a column that is not a feature; repeatable
  --trainer   python (scikit-learn: numbers, texts, missing values) or typescript (built in: numbers, two classes)
  --port      first port to use, if other checkouts on this machine use the default ones
  --cwd       the project's folder, if not the current one
  Ports are the next ones that no stack file uses. If another stack on target local runs an MLflow server, it is shared.
  Nothing is trained or started; the command prints what to run next.`;

const OPTIONS = {
  data: { type: "string" },
  label: { type: "string" },
  task: { type: "string" },
  positive: { type: "string" },
  id: { type: "string" },
  port: { type: "string" },
  ignore: { type: "string", multiple: true },
  trainer: { type: "string", default: "python" },
  cwd: { type: "string", default: "." },
  help: { type: "boolean", default: false },
} as const;

const FIRST_SERVICE_PORT = 8000;
const FIRST_MLFLOW_PORT = 5050;
/** Leaves room for the ports after it that are in use. */
const HIGHEST_FIRST_PORT = 65_000;
/** More names are no longer read. */
const MOST_NAMES = 30;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  if (values.help) return console.log(USAGE);
  const { data: path, label, cwd } = values;
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0 || path === undefined || label === undefined)
    throw new Error(`a name, --data and --label are required\n${USAGE}`);
  const task = values.task === undefined ? undefined : oneOf("--task", values.task, TASKS);
  const trainer = oneOf("--trainer", values.trainer, TRAINERS);
  const first = values.port === undefined ? undefined : portOf(values.port);
  const used = await usedByStacks(cwd);
  requireFreeName(name, cwd, used);
  if (!existsSync(path)) throw new Error(`--data ${path} does not exist`);
  const table = await readTexts(path);
  const { id, ignore, positive } = values;
  const data = describeData(table, path, label, { task, id, ignore, positive });
  if (trainer === "typescript") requireBuiltIn(data, table, path);
  const split = splitRows(table, data);
  const [staging = 0, production = 0] = nextFreePorts(used.ports, first ?? FIRST_SERVICE_PORT, 2);
  const [port = 0] = nextFreePorts(used.ports, first === undefined ? FIRST_MLFLOW_PORT : production + 1, 1);
  const model: NewModel = {
    name,
    trainer,
    data,
    rows: { train: split.train.length, evaluation: split.evaluation.length },
    ports: { staging, production },
    mlflow: used.server ? { trackingUri: used.server.url } : { port },
  };
  for (const [file, text] of modelFiles(model)) await write(join(cwd, file), text);
  for (const part of ["train", "evaluation"] as const) {
    const file = join(cwd, "models", name, "data", `${part}.csv`);
    await write(file, csvText(table, split[part], data.decimal === "," ? ";" : ","));
    await write(dvcPointerPath(file), dvcPointerText(await identityOfFile(file), `${part}.csv`));
  }
  console.log(summary(model, used));
}

function oneOf<Known extends string>(option: string, given: string, known: readonly Known[]): Known {
  const found = known.find((one) => one === given);
  if (found !== undefined) return found;
  throw new Error(`${option} must be one of ${known.join(", ")}, got ${given}`);
}

/** @throws Error unless three ports fit */
function portOf(text: string): number {
  if (/^\d{4,5}$/.test(text) && Number(text) >= 1024 && Number(text) <= HIGHEST_FIRST_PORT) return Number(text);
  throw new Error(`--port must be a port from 1024 to ${HIGHEST_FIRST_PORT}, got ${text}`);
}

function requireFreeName(name: string, folder: string, { models }: UsedByStacks): void {
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name) || name.endsWith("-") || name.endsWith("-promotions"))
    throw new Error(
      `${name} is not a valid model name: use up to 40 lower-case letters, digits and dashes, starting with a letter and not ending in - or -promotions`,
    );
  const taken = [`models/${name}`, `Pulumi.${stagingOf(name)}.yaml`, `Pulumi.${productionOf(name)}.yaml`];
  const existing = taken.find((path) => existsSync(join(folder, path)));
  if (existing) throw new Error(`model ${name} already exists: there is ${existing}. Choose another name`);
  if (models.has(name)) throw new Error(`model ${name} already exists: a stack file names it. Choose another name`);
}

/** @throws Error that names what the built-in trainer does not support */
function requireBuiltIn({ task, booleans, texts, numbers }: DescribedData, table: TextTable, path: string): void {
  const remedy = "Use --trainer python";
  if (task !== "binary") throw new Error(`the built-in trainer supports two classes, not ${task}. ${remedy}`);
  const [text = booleans[0]] = texts;
  if (text !== undefined)
    throw new Error(`the built-in trainer supports only numbers, but column ${text} of ${path} has texts. ${remedy}`);
  const gap = numbers.find((name) => table.columns[table.names.indexOf(name)]?.some((cell) => cell === null));
  if (gap !== undefined)
    throw new Error(
      `the built-in trainer does not support missing values, but column ${gap} of ${path} has some. ${remedy}`,
    );
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** @param separator differs from the decimal mark, so that numbers need no quotes */
function csvText({ names, columns }: TextTable, rows: readonly number[], separator: "," | ";"): string {
  const line = (cells: readonly string[], special: string) =>
    `${cells.map((cell) => quoted(cell, special)).join(separator)}\n`;
  // The separator is detected by counting in the header.
  return [
    line(names, ",;\t|"),
    ...rows.map((row) =>
      line(
        columns.map((cells) => cells[row] ?? ""),
        separator,
      ),
    ),
  ].join("");
}

/** Quotes a cell where needed; without quotes, leading and trailing spaces would be lost. */
const quoted = (cell: string, special: string) =>
  /["\r\n]|^\s|\s$/.test(cell) || [...special].some((character) => cell.includes(character))
    ? `"${cell.replaceAll('"', '""')}"`
    : cell;

function columnsLine(kind: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, MOST_NAMES).join(", ");
  return [
    `  ${names.length} ${kind} ${names.length === 1 ? "column" : "columns"}: ${shown}${names.length > MOST_NAMES ? ", …" : ""}`,
  ];
}

function summary(model: NewModel, { server }: UsedByStacks): string {
  const { name, data, rows, ports, mlflow } = model;
  const { classes, positive, numbers, booleans, texts, id, excluded, missing, decimal, unread } = data;
  return [
    `models/${name}: ${data.task} of ${data.label}, ${rows.train} training rows, ${rows.evaluation} evaluation rows`,
    ...columnsLine("numeric", numbers),
    ...columnsLine("boolean", booleans),
    ...columnsLine("text", texts),
    ...(classes
      ? [
          `  classes ${classes.join(", ")}${positive === undefined ? "" : `; ${positive} is the positive class (data.positive)`}`,
        ]
      : []),
    ...(id === undefined ? [] : [`  ${id} identifies rows (data.id) and is not a feature`]),
    ...excluded.map(({ name: column, why }) => `  ${column} ${why} and is not a feature`),
    ...(decimal === "," ? ["  numbers have a decimal comma (data.csv.decimal)"] : []),
    ...unread.map(
      ({ name: column, example }) =>
        `  ${column} is read as text: it has numbers with commas, such as ${example}. Write all numbers of the file with one decimal mark and without thousands separators`,
    ),
    ...(missing.length > 0 ? [`  missing values: ${missing.join(", ")} (data.missing)`] : []),
    `Pulumi.${stagingOf(name)}.yaml, Pulumi.${productionOf(name)}.yaml: ports ${ports.staging} and ${ports.production}, ` +
      ("port" in mlflow
        ? `MLflow on ${mlflow.port}`
        : `the MLflow server of stack ${server?.stack} at ${mlflow.trackingUri}, which must be running`),
    "Next:",
    ...nextCommands(model).map((command) => `  ${command}`),
  ].join("\n");
}

main().catch(reportFailure("new"));
