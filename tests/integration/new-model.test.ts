/** The trainers and policies that `npm run new` writes, on the examples' data: the real trainer, MLflow and gate, without an engine. */
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { testRegistry } from "../helpers/test-registry.ts";

vi.setConfig({ testTimeout: 300_000 });
const run = promisify(execFile);
const mlflow = testRegistry();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "new-model-"));
  await copyFile("Pulumi.yaml", join(folder, "Pulumi.yaml"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Both snapshots of an example as one file. @param change of a line */
async function dataOf(example: string, change: (line: string) => string = (line) => line): Promise<string> {
  const [train = "", evaluation = ""] = await Promise.all(
    ["train", "evaluation"].map((part) => readFile(`examples/${example}/data/${part}.csv`, "utf8")),
  );
  const lines = [...train.trimEnd().split("\n"), ...evaluation.trimEnd().split("\n").slice(1)];
  const file = join(folder, `${example}.csv`);
  await writeFile(file, `${lines.map(change).join("\n")}\n`);
  return file;
}

/** As the stack's program gives it to the trainer, and its command's last part. */
async function train(name: string): Promise<string> {
  const { config } = parse(await readFile(join(folder, `Pulumi.${name}-staging.yaml`), "utf8"));
  const { training, evaluation, reference: _, ...format } = config["model-promotion:data"];
  const { command, params } = config["model-promotion:training"];
  const [, module = ""] = /python -m (\S+)$/.exec(command) ?? [];
  const env = {
    ...process.env,
    PYTHONPATH: resolve("."),
    MLFLOW_TRACKING_URI: mlflow.url,
    MLFLOW_EXPERIMENT_NAME: name,
    MODEL_NAME: name,
    TRAINING_DATA: training,
    EVALUATION_DATA: evaluation,
    TRAINING_PARAMS: JSON.stringify(params),
    DATA_FORMAT: JSON.stringify(format),
  };
  const { stdout } = await run(mlflow.python, ["-m", module], { cwd: folder, env });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "").version;
}

async function gate(name: string, version: string) {
  const stack = [`--stack`, `${name}-staging`, "--version", version];
  const env = { ...process.env, MLFLOW_TRACKING_URI: mlflow.url };
  const ended = await run(process.execPath, [resolve("training/gate/cli.ts"), ...stack], { cwd: folder, env }).catch(
    (error) => error,
  );
  return { code: ended.code ?? 0, output: `${ended.stdout}${ended.stderr}` };
}

/** Numeric classes 1 and 2: the model answers them, and 1 is not "the positive one". */
const asNumbers = (line: string) => line.replace(/,benign$/, ",1").replace(/,malignant$/, ",2");

const withCommas = (line: string) => line.replaceAll(",", ";").replaceAll(".", ",");

test.each([
  ["penguins", "species", undefined],
  ["diabetes", "target", withCommas],
  ["diabetes", "target", undefined],
  ["breast-cancer", "diagnosis", undefined],
  ["breast-cancer", "diagnosis", asNumbers],
])("%s by %s: the written trainer's model passes the written policy (%#)", async (example, label, change) => {
  const name = `${example}${change ? `-${change.name.toLowerCase()}` : ""}`;
  const data = await dataOf(example, change);
  const args = [name, "--data", data, "--label", label, "--cwd", folder];
  await run(process.execPath, [resolve("deploy/new-model/new-model.ts"), ...args]);
  // Staging's own server is not there: the registry is the test's.
  const file = join(folder, `Pulumi.${name}-staging.yaml`);
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace(/mlflow: \{.*\}/, `mlflow: { trackingUri: "${mlflow.url}" }`));
  const { code, output } = await gate(name, await train(name));
  expect(code, output).toBe(0);
  // Parity: what is served is what the trainer predicted.
  expect(output).toMatch(/pass +.*trainer/);
});
