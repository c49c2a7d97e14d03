import { expect, test, vi } from "vitest";
import { caught, REFUSALS } from "./mutants/catch.ts";
import { examine, scene } from "./mutants/scene.ts";
import { MUTANTS } from "./mutants/table.ts";

// Models are run and timed here: on a machine that has more to do, for longer than a test of pure logic may take.
vi.setConfig({ testTimeout: 60_000 });

test("an honest model passes every check that the mutants must fail", async () => {
  const { checks } = await examine(scene());
  expect(checks.filter(({ outcome }) => outcome !== "pass")).toEqual([]);
  // These say something only when something is wrong.
  const silent = ["champion.first", "champion.files", "schema.finite", "schema.answers", "runs"];
  const passed = new Set([...checks.map(({ check }) => check), ...silent]);
  expect(MUTANTS.map(({ check }) => check).filter((check) => !passed.has(check))).toEqual([]);
});

test.each(MUTANTS)("$name: caught by $check", async (mutant) => {
  expect(await caught(mutant)).toBeDefined();
});

test.each(REFUSALS)("$name: refused by $check", async ({ run }) => {
  expect(await run()).toMatch(/changed|is not the data/);
});
