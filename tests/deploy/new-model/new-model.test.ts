import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";
import { parse } from "yaml";
import { formatOf } from "../../../data/reader/data-format.ts";
import { nextFreePorts, usedByStacks } from "../../../deploy/new-model/used-ports.ts";
import { readStackFile } from "../../../deploy/stack-file.ts";
import { readPinnedSnapshot } from "../../../infra/pinned-snapshot.ts";
import { parseSettings } from "../../../infra/settings.ts";
import { readSnapshotData } from "../../../training/snapshot.ts";
import { temporaryFolder, writeParquet } from "../../fixtures/training/pinned-csv.ts";

vi.setConfig({ testTimeout: 60_000 });
const CHURN = "models/churn/data/train.csv";
const PENGUINS = "examples/penguins/data/train.csv";

/** Creates a folder with the committed stack files. */
async function checkout(): Promise<string> {
  const folder = await temporaryFolder();
  for (const file of ["Pulumi.yaml", "Pulumi.staging.yaml", "Pulumi.production.yaml"])
    await copyFile(file, join(folder, file));
  return folder;
}

async function newModel(folder: string, ...args: string[]) {
  const command = [resolve("deploy/new-model/new-model.ts"), ...args, "--cwd", folder];
  const { stdout, stderr, code = 0 } = await promisify(execFile)(process.execPath, command).catch((error) => error);
  return { code, output: `${stdout}${stderr}` };
}

/** The config as the engine passes it. */
async function settingsOf(folder: string, stack: string) {
  const { config: declared } = parse(await readFile("Pulumi.yaml", "utf8"));
  const { config } = parse(await readFile(join(folder, `Pulumi.${stack}.yaml`), "utf8"));
  const raw: Record<string, unknown> = {};
  for (const [key, { default: value }] of Object.entries<{ default?: unknown }>(declared))
    if (value !== undefined) raw[key] = value;
  for (const [key, value] of Object.entries(config)) raw[key.replace("model-promotion:", "")] = value;
  return parseSettings(raw, stack);
}

test.each([
  ["multiclass", PENGUINS, "species"],
  ["binary", "examples/breast-cancer/data/train.csv", "diagnosis"],
  ["regression", "examples/diabetes/data/train.csv", "target"],
])("a %s model's stack files are good configs, and production's has five lines", async (task, data, label) => {
  const folder = await checkout();
  const { code, output } = await newModel(folder, "my-model", "--data", data, "--label", label);
  expect(code, output).toBe(0);
  const staging = await settingsOf(folder, "my-model-staging");
  expect(staging).toMatchObject({ modelName: "my-model", gate: { task }, data: { label }, service: { port: 8002 } });
  expect(staging.mlflow.port).toBe(5051);
  const production = await readFile(join(folder, "Pulumi.my-model-production.yaml"), "utf8");
  expect(production.trimEnd().split("\n")).toHaveLength(5);
  expect((await settingsOf(folder, "my-model-production")).service.port).toBe(8003);
  expect((await readStackFile("my-model-production", folder)).modelName).toBe("my-model");
  expect(await readdir(join(folder, "models/my-model/data"))).toEqual([
    ".gitignore",
    "evaluation.csv",
    "evaluation.csv.dvc",
    "train.csv",
    "train.csv.dvc",
  ]);
});

test("a second model gets the next ports, shares the first one's MLflow server, and needs another name", async () => {
  const folder = await checkout();
  await newModel(folder, "one", "--data", CHURN, "--label", "label", "--trainer", "typescript");
  const { output } = await newModel(folder, "two", "--data", CHURN, "--label", "label");
  expect(output).toContain("the MLflow server of stack one-staging at http://127.0.0.1:5051, which must be running");
  expect(await settingsOf(folder, "two-staging")).toMatchObject({
    mlflow: { trackingUri: "http://127.0.0.1:5051" },
    service: { port: 8004 },
  });
  expect((await newModel(folder, "one", "--data", CHURN, "--label", "label")).output).toBe(
    "new: model one already exists: there is models/one. Choose another name\n",
  );
  await writeFile(join(folder, "Pulumi.live.yaml"), "config: { model-promotion:modelName: three }\n");
  expect((await newModel(folder, "three", "--data", CHURN, "--label", "label")).output).toBe(
    "new: model three already exists: a stack file names it. Choose another name\n",
  );
});

test("--port sets the first of the model's ports", async () => {
  const folder = await checkout();
  const { output } = await newModel(folder, "one", "--data", CHURN, "--label", "label", "--port", "9100");
  expect(output).toContain("ports 9100 and 9101, MLflow on 9102\n");
  const next = await newModel(folder, "two", "--data", CHURN, "--label", "label", "--port", "9100");
  expect(next.output).toContain("ports 9104 and 9105, the MLflow server of stack one-staging at http://127.0.0.1:9102");
});

test.each([
  [["Fraud"], "Fraud is not a valid model name: use up to 40 lower-case letters"],
  [["fraud", "--label", "species", "--data", "none.csv"], "--data none.csv does not exist"],
  [["fraud", "--task", "anomaly"], "--task must be one of binary, multiclass, regression, got anomaly"],
  [["fraud", "--port", "80"], "--port must be a port from 1024 to 65000, got 80"],
  [["fraud", "--trainer", "r"], "--trainer must be one of python, typescript, got r"],
  [
    ["fraud", "--trainer", "typescript"],
    "the built-in trainer supports two classes, not multiclass. Use --trainer python",
  ],
  [[], "a name, --data and --label are required"],
])("refuses %j and writes nothing", async (args, message) => {
  const folder = await checkout();
  const given = args.includes("--data") ? args : [...args, "--data", PENGUINS, "--label", "species"];
  const { code, output } = await newModel(folder, ...given);
  expect(code).toBe(1);
  expect(output).toContain(`new: ${message}`);
  expect(await readdir(folder)).toHaveLength(3);
});

test("the help has fifteen lines", async () => {
  const { output } = await newModel(await checkout(), "--help");
  expect(output.trimEnd().split("\n")).toHaveLength(15);
});

test("names the columns, and takes the id and the columns to ignore", async () => {
  const folder = await checkout();
  const data = join(folder, "flats.csv");
  const lines = Array.from(
    { length: 80 },
    (_, row) => `${row + 1},${row / 4},${row % 3 ? "a" : "b"},${row % 7},${row * 1.5}`,
  );
  await writeFile(data, `flat_no,size,district,door,rent\n${lines.join("\n")}\n`);
  const args = ["--data", data, "--label", "rent", "--ignore", "door", "--ignore", "district"];
  const { output } = await newModel(folder, "flats", ...args);
  expect(output).toContain("\n  1 numeric column: size\n  flat_no identifies rows (data.id) and is not a feature\n");
  expect(output).toContain("\n  door is ignored (data.ignore) and is not a feature\n");
  const { data: settings } = await settingsOf(folder, "flats-staging");
  expect(settings).toMatchObject({ id: "flat_no", ignore: ["door", "district"] });
  const other = await newModel(folder, "doors", "--data", data, "--label", "rent", "--id", "door");
  expect(other.output).toContain("\n  flat_no numbers the rows and is not a feature\n");
  expect((await settingsOf(folder, "doors-staging")).data).toMatchObject({ id: "door" });
  expect((await newModel(folder, "no", "--data", data, "--label", "rent", "--id", "dor")).output).toContain(
    'has no column "dor", which --id names',
  );
});

test("a file with decimal commas stays one: the stack says so, and the gate reads its numbers", async () => {
  const folder = await checkout();
  const data = join(folder, "flats.csv");
  const lines = Array.from({ length: 80 }, (_, row) =>
    `${row / 8};x,${row % 3};${row % 7};${row / 4 + 0.5}`.replaceAll(".", ","),
  );
  await writeFile(data, `size;kind;"a,b,c,d";rent\n${lines.join("\n")}\n`);
  const { output } = await newModel(folder, "flats", "--data", data, "--label", "rent");
  expect(output).toContain("2 numeric columns: size, a,b,c,d\n  1 text column: kind\n  numbers have a decimal comma");
  const { data: settings } = await settingsOf(folder, "flats-staging");
  expect(settings).toMatchObject({ csv: { decimal: "," } });
  const { table } = await readSnapshotData(
    join(folder, "models/flats/data/train.csv"),
    { format: formatOf(settings), others: "any", label: { kind: "values" } },
    () => {},
  );
  expect(table.fields.map(({ name, type }) => [name, type])).toEqual([
    ["size", "float64"],
    ["kind", "string"],
    ["a,b,c,d", "float64"],
  ]);
});

test("skips the ports of the quickstart, the examples and a default MLflow server", async () => {
  const folder = await checkout();
  await mkdir(join(folder, "examples/own"), { recursive: true });
  await writeFile(
    join(folder, "examples/own/Pulumi.staging.yaml"),
    "config: { model-promotion:environment: staging, model-promotion:service: { port: 8002 } }\n",
  );
  const { ports, server } = await usedByStacks(folder);
  expect([...ports].sort()).toEqual([5050, 8000, 8001, 8002]);
  // The committed staging has target docker.
  expect(server).toBeUndefined();
  expect(nextFreePorts(ports, 8000, 2)).toEqual([8004, 8005]);
  // Browsers block ports such as 6000.
  expect(nextFreePorts(new Set(), 6000, 1)).toEqual([6001]);
});

test("Parquet becomes CSV snapshots of the same values, pinned by their pointers", async () => {
  const folder = await checkout();
  const data = await writeParquet(
    `SELECT i / 4.0 AS amount, i % 3 = 0 AS known, CASE WHEN i % 5 > 0 THEN 'a, "b"' END AS plan, i % 2 AS label FROM range(80) t(i)`,
  );
  const { code, output } = await newModel(folder, "one", "--data", data, "--label", "label");
  expect(code, output).toBe(0);
  const files = ["train.csv", "evaluation.csv"].map((file) => join(folder, "models/one/data", file));
  const lines: string[] = [];
  for (const file of files) {
    expect(await readPinnedSnapshot(file, false)).not.toHaveProperty("warning");
    const [head, ...rows] = (await readFile(file, "utf8")).trimEnd().split("\n");
    expect(head).toBe("amount,known,plan,label");
    lines.push(...rows);
  }
  expect(lines).toHaveLength(80);
  const byAmount = new Map(lines.map((line) => [Number(line.split(",", 1)[0]), line.replace(/^[^,]*,/, "")]));
  expect(byAmount.get(0)).toBe("true,,0");
  expect(byAmount.get(0.25)).toBe('false,"a, ""b""",1');
});
