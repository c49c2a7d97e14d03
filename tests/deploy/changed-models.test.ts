import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { changedModels, matrixOf, modelsIn } from "../../deploy/changed-models.ts";

const MODELS = ["", "fraud", "fraud-eu", "prices"];

test("the models are the prefixes of the staging stacks; the sample has none", () => {
  expect(modelsIn(["fraud-production", "fraud-staging", "platform", "production", "staging"])).toEqual(["fraud", ""]);
});

test.each([
  ["models/fraud/train.py", ["fraud"]],
  ["models/fraud/data/train.csv.dvc", ["fraud"]],
  ["models/fraud-eu/README.md", ["fraud-eu"]],
  ["Pulumi.fraud-staging.yaml", ["fraud"]],
  ["Pulumi.fraud-eu-production.yaml", ["fraud-eu"]],
  ["Pulumi.staging.yaml", [""]],
  ["examples/contract.py", MODELS],
  ["training/train.ts", MODELS],
  ["models/churn/data/train.csv.dvc", [""]],
  ["Pulumi.yaml", MODELS],
])("a change of %s affects %j", (file, expected) => {
  expect(changedModels([file], MODELS)).toEqual(expected);
});

test("files that no update reads affect no model, and several changes list each model once", () => {
  const elsewhere = [
    "README.md",
    "docs/data.md",
    "tests/training/x.ts",
    "models/other/train.py",
    "Pulumi.fraud-eu.yaml",
  ];
  expect(
    changedModels([...elsewhere, "examples/contract.pyc", "my/training/x", "quickstart/Pulumi.staging.yaml"], MODELS),
  ).toEqual([]);
  expect(changedModels(["models/prices/train.py", "models/fraud/a", "Pulumi.fraud-staging.yaml"], MODELS)).toEqual([
    "fraud",
    "prices",
  ]);
});

function checkout() {
  const folder = mkdtempSync(join(tmpdir(), "checkout-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], {
      cwd: folder,
      encoding: "utf8",
    }).trim();
  git("init", "-q");
  for (const model of ["fraud", "churn"]) {
    mkdirSync(join(folder, "models", model), { recursive: true });
    writeFileSync(join(folder, "models", model, "train.py"), `print("this trains the model called ${model}")`);
    writeFileSync(join(folder, `Pulumi.${model}-staging.yaml`), "");
  }
  const commit = () => {
    git("add", "-A");
    git("commit", "-q", "-m", "x");
    return git("rev-parse", "HEAD");
  };
  return { folder, git, commit, first: commit() };
}

function run(folder: string, ...args: string[]) {
  const cli = resolve("deploy/changed-models-cli.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, "--cwd", folder, ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
}

const matrix = (...models: string[]) =>
  `models=${JSON.stringify(models.map((model) => ({ model, stack: `${model}-staging` })))}\n`;

test("the command prints the models that changed since a commit, with both folders of a moved file", () => {
  const { folder, git, commit, first } = checkout();
  writeFileSync(join(folder, "models/fraud/größe.py"), "");
  const second = commit();
  expect(run(folder, "--since", first)).toEqual({ status: 0, stdout: matrix("fraud"), stderr: "" });
  git("mv", "models/churn/train.py", "models/fraud/churn.py");
  const third = commit();
  expect(run(folder, "--since", second).stdout).toBe(matrix("churn", "fraud"));
  expect(run(folder, "--since", third)).toEqual({ status: 0, stdout: "models=[]\n", stderr: "" });
});

test("an unknown commit means all models, not none", () => {
  const { folder } = checkout();
  for (const since of ["0".repeat(40), "--output=x"]) {
    const { status, stdout, stderr } = run(folder, `--since=${since}`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: matrix("churn", "fraud") });
    expect(stderr).toBe(`changed-models: this clone has no commit ${since}, so all models are treated as changed\n`);
  }
});

test("without a commit, the command takes the named model, which must have a staging stack", async () => {
  const { folder } = checkout();
  expect(run(folder, "--since=", "--model=fraud")).toEqual({ status: 0, stdout: matrix("fraud"), stderr: "" });
  expect(run(folder, "--since=", "--model=frod")).toEqual({
    status: 1,
    stdout: "",
    stderr:
      'changed-models: model "frod" has no file Pulumi.frod-staging.yaml: the models of this checkout are churn, fraud. Create it with: npm run new\n',
  });
  // The stacks of this project.
  expect(await matrixOf({ model: "" })).toEqual([{ model: "", stack: "staging" }]);
});
