import { expect, test, vi } from "vitest";
import type { Suite } from "./suite.ts";

/** These say something only when something is wrong. */
const SILENT = [
  ...[
    "champion.first",
    "champion.files",
    "schema.finite",
    "schema.answers",
    "schema.task",
    "runs",
    "integrity.rowByRow",
    "baseline.constant",
  ],
  ...["integrity", "data pointer"],
];
/** Asked for by the mutant's own policy. */
const OWN = /\.(?:hihg|prize)\.|^slices\.plan\.equalizedOdds$/;

/** The honest scene passes all that the mutants must fail, and each mutant is caught. */
export function trySuite({ kind, honest, trials }: Suite): void {
  // Models are run and timed here: on a machine that has more to do, for longer than a test of pure logic may take.
  vi.setConfig({ testTimeout: 60_000 });

  test(`an honest ${kind} scene passes every check that the mutants must fail`, async () => {
    const { checks } = await honest();
    expect(checks.filter(({ outcome }) => outcome !== "pass")).toEqual([]);
    const passed = new Set([...checks.map(({ check }) => check), ...SILENT]);
    expect(trials.map(({ check }) => check).filter((check) => !passed.has(check) && !OWN.test(check))).toEqual([]);
  });

  test.each(trials)(`${kind}, $name: caught by $check`, async ({ run }) => {
    expect(await run()).toBeDefined();
  });
}
