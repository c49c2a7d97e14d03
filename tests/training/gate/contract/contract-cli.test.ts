import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../fixtures/training/pinned-csv.ts";

const COLUMNS = Array.from({ length: 40 }, (_, row) => `${row + 1},${row / 4},${row % 2}\n`);

/** A project with one model, whose data is where `npm run new` writes it. */
async function project(modelName: string): Promise<string> {
  const folder = await temporaryFolder();
  await copyFile("Pulumi.yaml", join(folder, "Pulumi.yaml"));
  await mkdir(join(folder, "models/flats/data"), { recursive: true });
  await writeFile(join(folder, "models/flats/data/train.csv"), `flat_no,size,label\n${COLUMNS.join("")}`);
  const config = {
    "model-promotion:environment": "staging",
    "model-promotion:modelName": modelName,
    "model-promotion:data": { training: "models/flats/data/train.csv", reference: "models/flats/data/train.csv" },
  };
  await writeFile(join(folder, "Pulumi.flats-staging.yaml"), JSON.stringify({ config }));
  return folder;
}

async function contract(folder: string, ...args: string[]) {
  const command = [resolve("training/gate/contract/contract-cli.ts"), "--stack", "flats-staging", ...args];
  const { stderr } = await promisify(execFile)(process.execPath, command, { cwd: folder }).catch((error) => error);
  return stderr as string;
}

test("the contract of a model with a folder is written there, any other to the project's folder", async () => {
  const folder = await project("flats");
  expect(await contract(folder)).toContain(
    "Set it with: pulumi config set --path data.contract models/flats/contract.yaml --stack flats-staging\n",
  );
  expect(await readFile(join(folder, "models/flats/contract.yaml"), "utf8")).toContain("flat_no: { type: integer");
  expect(await contract(folder)).toContain("models/flats/contract.yaml already exists");

  const other = await project("churn-model");
  expect(await contract(other)).toContain("contract.yaml: 2 columns, learned from models/flats/data/train.csv");
  expect(await readFile(join(other, "contract.yaml"), "utf8")).toContain("size:");
  expect(await contract(other, "--out", "own.yaml")).toContain("own.yaml: 2 columns");
});
