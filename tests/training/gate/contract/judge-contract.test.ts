import { expect, test } from "vitest";
import { contractSchema } from "../../../../data/contract/data-contract.ts";
import type { Signature } from "../../../../service/predictor/signature.ts";
import { checkModel } from "../../../../training/gate/check-model.ts";
import { contractOfOthers } from "../../../../training/gate/contract/contract-of-others.ts";
import { evaluationData, isHeld } from "../../../../training/gate/evaluation-data.ts";
import type { GateTask } from "../../../../training/gate/judge.ts";
import { type Policy, parsePolicy } from "../../../../training/gate/policy.ts";
import { provider } from "../../../../training/gate/quality-gate-provider.ts";
import type { CandidateModel } from "../../../../training/gate/run-checks.ts";
import { pinnedCsv } from "../../../fixtures/training/pinned-csv.ts";
import { mlmodelOf, testModel } from "../../../service/helpers/test-model.ts";

const ROWS = 70_000;
/** Rows for more than one part: the model's columns, and a key and a text that it does not use. */
const snapshot = (change: (line: string, row: number) => string = (line) => line) =>
  pinnedCsv(
    `a,b,c,id,plan,label\n${Array.from({ length: ROWS }, (_, row) =>
      change(`${row % 7},0.5,${row % 3},k${row},${row % 2 ? "plus" : "basic"},${row % 2}\n`, row),
    ).join("")}`,
  );

const CONTRACT = contractSchema.parse({
  rows: { min: 1_000 },
  columns: { a: { min: 0, max: 6 }, id: { unique: true }, plan: { categories: ["basic", "plus"] } },
});

const model = () =>
  testModel({
    mlmodel: {
      ...mlmodelOf(3),
      signature: { inputs: JSON.stringify(["a", "b", "c"].map((name) => ({ name, type: "float", required: true }))) },
    },
  });

async function judged(path: string, policy: Policy, contract: typeof CONTRACT | undefined = CONTRACT) {
  await using files = await model();
  let held: boolean | undefined;
  const { checks, facts } = await checkModel({ folder: files.folder, policy }, async (candidate) => {
    const data = await evaluationData({ path, policy, contract }, candidate);
    held = isHeld(data);
    return { snapshot: data, contract: contract && { contract, others: [] } };
  });
  return { found: checks.filter(({ check }) => check.startsWith("data.contract")), facts, held };
}

const POLICY = parsePolicy({ accuracy: { min: 0 } }, "test");
const SLICED = parsePolicy(
  { accuracy: { min: 0 }, slices: { b: { column: "b", accuracy: { min: 0 }, minSize: 1 } } },
  "test",
);

test("a violated contract fails the gate, streamed or in memory, and names column, rows, value and row", async () => {
  const path = await snapshot((line, row) => {
    if (row === 69_000) return line.replace(/^\d+/, "-4");
    return row === 69_001 ? line.replace("plus", "gold").replace("k69001", "k5") : line;
  });
  const streamed = await judged(path, POLICY);
  expect(streamed.held).toBe(false);
  expect(streamed.found).toEqual([
    {
      check: "data.contract",
      group: "data",
      outcome: "fail",
      required: true,
      value: 1 / ROWS,
      bound: 0,
      relation: "<=",
      why: expect.stringContaining(`${ROWS} rows of ${path}`),
      detail:
        `${path} violates the data contract: column a is below 0 in 1 of 70000 rows, such as -4 in row 69001; ` +
        'column id has a duplicate value in 1 of 70000 rows, such as "k5" in row 69002; ' +
        'column plan has an unlisted value in 1 of 70000 rows, such as "gold" in row 69002',
    },
  ]);
  const held = await judged(path, SLICED);
  expect(held.held).toBe(true);
  expect(held.found).toEqual(streamed.found);
  expect(held.facts.contract).toEqual(streamed.facts.contract);
});

test("tolerance, level, and rules without tolerance", async () => {
  const path = await snapshot((line, row) => (row < 700 ? line.replace(/^\d+/, "9") : line));
  const outcome = async (terms: object, contract = CONTRACT) => {
    const policy = parsePolicy({ accuracy: { min: 0 }, data: { contract: terms } }, "test");
    const [result] = (await judged(path, policy, contract)).found;
    return [result?.outcome, result?.required];
  };
  expect(await outcome({ max: 0.01 })).toEqual(["pass", true]);
  expect(await outcome({ max: 0.009 })).toEqual(["fail", true]);
  expect(await outcome({ level: "advisory" })).toEqual(["fail", false]);
  const strict = contractSchema.parse({ rows: { max: 10 }, columns: { other: {} } });
  expect(await outcome({ max: 1 }, strict)).toEqual(["fail", true]);
});

test("a contract that the policy requires but the stack lacks is inconclusive; a stack's contract needs no policy", async () => {
  const path = await snapshot();
  const policy = parsePolicy({ accuracy: { min: 0 }, data: { contract: {} } }, "test");
  await using files = await model();
  const { checks } = await checkModel({ folder: files.folder, policy }, async (candidate) => ({
    snapshot: await evaluationData({ path, policy }, candidate),
  }));
  expect(checks.find(({ check }) => check === "data.contract")).toMatchObject({
    outcome: "inconclusive",
    detail: "the stack has no data contract. Create one with npm run contract, and set data.contract to its file",
  });
  expect((await judged(path, POLICY)).found).toMatchObject([
    { outcome: "pass", detail: `${path} meets the data contract` },
  ]);
});

test("training and reference are validated too, unless the policy omits them", async () => {
  const training = await snapshot((line, row) => (row === 3 ? line.replace(/^\d+/, "-1") : line));
  const reference = await snapshot();
  const inputs = ["a", "b", "c"].map((name) => ({ name, type: "float32", nullable: false }) as const);
  const signature: Signature = { inputs, isNamed: true };
  const candidate = { predictor: { signature }, task: "binary" } as unknown as CandidateModel;
  const found = (policy: object, paths: Partial<GateTask> = { trainingData: training, referenceData: reference }) =>
    contractOfOthers(
      { modelName: "m", version: "1", evaluationData: "", policy: parsePolicy(policy, "test"), ...paths },
      CONTRACT,
      candidate,
      {},
    );
  expect(await found({ accuracy: { min: 0 } })).toMatchObject([
    { name: "training", rows: ROWS, violations: [{ column: "a", rule: "min", rows: 1, row: 4, example: "-1" }] },
    { name: "reference", rows: ROWS, violations: [] },
  ]);
  expect(await found({ data: { contract: { snapshots: ["evaluation", "reference"] } } })).toMatchObject([
    { name: "reference" },
  ]);
  await expect(found({ accuracy: { min: 0 } }, { trainingData: "elsewhere.csv" })).rejects.toThrow(
    /data\.contract cannot be checked against data\.training: elsewhere\.csv is missing.*set gate\.data\.contract\.snapshots to \[evaluation, reference\]/,
  );
});

test("a changed contract is judged again, but not a reordered one", async () => {
  const olds = {
    registry: { trackingUri: "http://127.0.0.1:1" },
    modelName: "m",
    version: "1",
    evaluationData: "e",
    evaluationMd5: "1",
    policy: POLICY,
    contract: CONTRACT,
  };
  const same = { ...olds, contract: JSON.parse(JSON.stringify({ columns: CONTRACT.columns, rows: CONTRACT.rows })) };
  expect(await provider.diff("", olds, same)).toMatchObject({ changes: false });
  const other = { ...olds, contract: { columns: { a: { min: 1 } } } };
  expect(await provider.diff("", olds, other)).toMatchObject({ changes: true });
  const { contract: _, ...without } = olds;
  expect(await provider.diff("", olds, without)).toMatchObject({ changes: true });
});
