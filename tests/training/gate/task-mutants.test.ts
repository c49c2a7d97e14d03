import { expect, test, vi } from "vitest";
import { MULTICLASS_MUTANTS } from "./mutants/tasks/multiclass.ts";
import { REGRESSION_MUTANTS } from "./mutants/tasks/regression.ts";
import { caughtTask, examineTask, taskScene } from "./mutants/tasks/task-scene.ts";

// Models are run and timed here: on a machine that has more to do, for longer than a test of pure logic may take.
vi.setConfig({ testTimeout: 60_000 });

const TASKS = { multiclass: MULTICLASS_MUTANTS, regression: REGRESSION_MUTANTS };

test.each(["multiclass", "regression"] as const)(
  "an honest %s model passes every check that the mutants must fail",
  async (task) => {
    const { checks } = await examineTask(taskScene(task));
    expect(checks.filter(({ outcome }) => outcome !== "pass")).toEqual([]);
    // These say something only when something is wrong, or are asked for by the mutant's own policy.
    const silent = ["champion.first", "schema.finite", "schema.answers", "runs"];
    const own = /\.(?:hihg|prize)\.|^slices\.plan\.equalizedOdds$/;
    const passed = new Set([...checks.map(({ check }) => check), ...silent]);
    expect(TASKS[task].map(({ check }) => check).filter((check) => !passed.has(check) && !own.test(check))).toEqual([]);
  },
);

test.each(
  (["multiclass", "regression"] as const).flatMap((task) => TASKS[task].map((mutant) => ({ task, ...mutant }))),
)("$task, $name: caught by $check", async ({ task, ...mutant }) => {
  expect(await caughtTask(task, mutant)).toBeDefined();
});
