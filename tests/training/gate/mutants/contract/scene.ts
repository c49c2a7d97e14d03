import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contractSchema, type DataContract } from "../../../../../data/contract/data-contract.ts";
import { checkModel } from "../../../../../training/gate/check-model.ts";
import { contractOfOthers } from "../../../../../training/gate/contract/contract-of-others.ts";
import { evaluationData } from "../../../../../training/gate/evaluation-data.ts";
import type { Policy } from "../../../../../training/gate/policy.ts";
import type { CheckRun } from "../../../../../training/gate/run-checks.ts";
import { mlmodelOf, testModel } from "../../../../service/helpers/test-model.ts";
import type { Mutant } from "../suite.ts";

/** Cells are written unchanged; a missing one is an empty cell. */
export type Row = Readonly<Record<string, string | number | undefined>>;

/** All inputs of the gate, as plain values that a mutant may replace. */
export interface ContractScene {
  evaluation: readonly Row[];
  training: readonly Row[];
  reference: readonly Row[];
  contract: DataContract | undefined;
  policy: Policy;
}
export type ContractMutant = Mutant<ContractScene>;

const rows = (name: string, count: number): readonly Row[] =>
  Array.from({ length: count }, (_, row) => ({
    customer: `${name}-${row}`,
    a: (row % 7) - 3,
    b: 0.5,
    c: row % 3,
    visits: row % 12,
    income: row % 40 === 7 ? undefined : 20_000 + 37.5 * row,
    plan: row % 3 === 0 ? "plus" : "basic",
    since: `20${15 + (row % 10)}-0${1 + (row % 9)}-11`,
    member: row % 2 === 0 ? "true" : "false",
    label: row % 2,
  }));

const CONTRACT = {
  rows: { min: 200, max: 2_000 },
  columns: {
    customer: { type: "text", missing: 0, unique: true },
    a: { type: "number", missing: 0, min: -3, max: 3 },
    visits: { type: "integer", missing: 0, min: 0 },
    income: { type: "number", missing: 0.05, min: 0, max: 250_000 },
    plan: { type: "text", missing: 0, categories: ["basic", "plus"] },
    since: { type: "date", min: "2015-01-01", max: "2026-12-31" },
    member: { type: "boolean" },
  },
};

/** An honest scene, whose gate passes. */
export const contractScene = (): ContractScene => ({
  evaluation: rows("e", 400),
  training: rows("t", 800),
  reference: rows("r", 800),
  contract: contractSchema.parse(CONTRACT),
  policy: { accuracy: { min: 0 }, data: { contract: {} } },
});

/** Writes a snapshot with its pointer. */
async function written(folder: string, name: string, snapshot: readonly Row[]): Promise<string> {
  const columns = Object.keys(snapshot[0] ?? {});
  const lines = snapshot.map((row) => columns.map((column) => row[column] ?? "").join(","));
  const content = `${columns.join(",")}\n${lines.join("\n")}\n`;
  const path = join(folder, `${name}.csv`);
  await writeFile(path, content);
  const md5 = createHash("md5").update(content).digest("hex");
  await writeFile(`${path}.dvc`, `outs:\n- md5: ${md5}\n  size: ${Buffer.byteLength(content)}\n  path: ${name}.csv\n`);
  return path;
}

/** Runs the gate's checks on a scene, with a model that takes three of the columns. */
export async function examineContract({ contract, policy, ...snapshots }: ContractScene): Promise<CheckRun> {
  const root = await mkdtemp(join(tmpdir(), "contract-scene-"));
  const inputs = ["a", "b", "c"].map((name) => ({ name, type: "float", required: true }));
  await using model = await testModel({ mlmodel: { ...mlmodelOf(3), signature: { inputs: JSON.stringify(inputs) } } });
  try {
    const path = await written(root, "evaluation", snapshots.evaluation);
    const task = {
      modelName: "m",
      version: "1",
      evaluationData: path,
      policy,
      contract,
      trainingData: await written(root, "training", snapshots.training),
      referenceData: await written(root, "reference", snapshots.reference),
    };
    return await checkModel({ folder: model.folder, policy }, async (candidate) => ({
      snapshot: await evaluationData({ path, policy, contract }, candidate),
      contract:
        contract && candidate ? { contract, others: await contractOfOthers(task, contract, candidate, {}) } : undefined,
    }));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
