import { expect, test, vi } from "vitest";
import type { Suite } from "./suite.ts";

/** Checks that report only failures. */
const SILENT = [
  "champion.first",
  "champion.files",
  "schema.finite",
  "schema.answers",
  "schema.task",
  "runs",
  "integrity.rowByRow",
  "baseline.constant",
  "integrity",
  "data pointer",
];
/** Checks that only the mutant's own policy requests. */
const OWN = /\.(?:hihg|prize)\.|^slices\.plan\.equalizedOdds$/;

/** Tests that the honest scene passes every check that the mutants must fail, and that each mutant is caught. */
export function trySuite({ kind, honest, trials }: Suite): void {
  // These tests run and time models, which takes longer on a busy machine.
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
