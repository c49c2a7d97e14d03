import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { EvaluationRun } from "../../../training/gate/answers/evaluation-run.ts";
import { checkModel, type Evidence } from "../../../training/gate/check-model.ts";
import { type EvaluationData, evaluationData, isHeld } from "../../../training/gate/evaluation-data.ts";
import type { Policy } from "../../../training/gate/policy.ts";
import { pinnedCsv } from "../../fixtures/training/pinned-csv.ts";
import { mlmodelOf, testModel } from "../../service/helpers/test-model.ts";

const POLICY: Policy = { accuracy: { min: 0 }, champion: { first: "fail", accuracy: { margin: 1 } } };

const namedModel = (...names: string[]) =>
  testModel({
    mlmodel: {
      ...mlmodelOf(names.length),
      signature: { inputs: JSON.stringify(names.map((name) => ({ name, type: "float", required: true }))) },
    },
  });

const snapshot = (lines: readonly string[]) => pinnedCsv(["a,b,c,d,label", ...lines, ""].join("\n"));
const ROWS = ["1,2,3,4,1", "-1,0.5,-0.25,4,0", "0.1,0.2,0.3,4,1", "-2,1,0,4,0"];

/** Runs the checks of a model on a streamed file, and counts reads of the file. */
async function examined(path: string, folder: string, more: Partial<Evidence> = {}) {
  const reads = vi.fn();
  const begin = vi.fn(async () => {});
  const run = checkModel({ folder, policy: POLICY }, async (model) => {
    const data = await evaluationData({ path, policy: POLICY }, model);
    if (isHeld(data)) throw new Error("a stream was expected");
    const counting: EvaluationData = {
      ...data,
      read(take) {
        reads();
        return data.read(take);
      },
    };
    return { snapshot: counting, begin, ...more };
  });
  return { run, reads, begin };
}

test("`begin` runs once, before the model sees a row", async () => {
  await using model = await namedModel("a", "b", "c");
  const { run, reads, begin } = await examined(await snapshot(ROWS), model.folder);
  const seen = vi.spyOn(EvaluationRun.prototype, "take");
  const { snapshot: judged, evaluation } = await run;
  expect([judged.rows, evaluation?.metrics.accuracy]).toEqual([4, 1]);
  expect([reads.mock.calls.length, begin.mock.calls.length]).toEqual([1, 1]);
  expect(begin.mock.invocationCallOrder[0]).toBeLessThan(seen.mock.invocationCallOrder[0] ?? 0);
  seen.mockRestore();
});

test("`begin` does not run on faulty data, and no verdict is recorded", async () => {
  await using model = await namedModel("a", "b", "c");
  const { run, begin } = await examined(await snapshot([...ROWS, "x,1,1,1,0"]), model.folder);
  await expect(run).rejects.toThrow('data.csv:6: column a must be a finite number, got "x"');
  expect(begin).not.toHaveBeenCalled();
});

test("counts the rows without running a model that cannot be opened", async () => {
  const folder = await mkdtemp(join(tmpdir(), "no-model-"));
  try {
    const { run, begin } = await examined(await snapshot(ROWS), folder);
    const { checks, snapshot: judged } = await run;
    expect(checks).toMatchObject([{ check: "runs", outcome: "fail" }]);
    expect(judged.rows).toBe(4);
    expect(begin).toHaveBeenCalledOnce();
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each([
  ["the same columns as the candidate", ["c", "a", "b"], 0],
  ["another column", ["a", "b", "d"], 1],
])("the champion shares the candidate's pass over the data, or has its own: %s", async (_, columns, own) => {
  await using model = await namedModel("a", "b", "c");
  await using champion = await namedModel(...columns);
  const path = await snapshot(ROWS);
  const reread = vi.fn((signature) =>
    evaluationData({ path, policy: POLICY }, { predictor: { signature }, task: "binary" }),
  );
  const files = { version: "1", sha256: "s", folder: champion.folder, reread };
  const { run, reads } = await examined(path, model.folder, { champion: files });
  const { checks, facts } = await run;
  expect(checks.find(({ check }) => check === "champion.accuracy")).toMatchObject({ outcome: "pass" });
  expect(facts.champion).toMatchObject({ version: "1" });
  expect([reads.mock.calls.length, reread.mock.calls.length]).toEqual([1, own]);
});
