import { expect, test } from "vitest";
import { buildReport } from "../../../training/gate/report.ts";
import { figures } from "../../../training/gate/report-page/charts.ts";
import { decide } from "../../../training/gate/verdict.ts";
import { examine, type Scene, scene } from "./mutants/scene.ts";

async function reportOf(change: Partial<Scene> = {}) {
  const set = { ...scene(), ...change };
  const examined = await examine(set);
  const version = { name: "churn-model", version: "2", runId: "r" };
  return buildReport({
    version,
    digest: "d",
    trustedDigest: "d",
    policy: set.policy,
    champion: "c",
    runtime: "here",
    ...examined,
    decision: decide(examined.checks),
    judgedAt: new Date(),
  });
}

test("plots both models of a real comparison, including groups, on the same rows", async () => {
  const report = await reportOf();
  const { championDrawn, confusion, facts } = report;
  expect(championDrawn).toMatchObject({ version: "1", curves: { roc: expect.any(Array) } });
  const rows = (counts: typeof confusion) => Object.values(counts ?? {}).reduce((sum, count) => sum + count, 0);
  expect([rows(championDrawn?.confusion), rows(confusion)]).toEqual([400, 400]);
  expect(championDrawn?.confusion).not.toEqual(confusion);
  const groups = (slices = facts.slices) =>
    slices?.flatMap((slice) => slice.groups.map(({ name, rows }) => [name, rows]));
  expect(groups(facts.champion?.slices)).toEqual(groups());
  expect(groups()?.length).toBeGreaterThan(1);
  const group = figures(report).find(({ title }) => title.startsWith("Groups"));
  expect(group?.table.head.slice(-2)).toEqual(["accuracy, version 2", "accuracy, version 1 (production)"]);
});

test.each<[string, Partial<Scene>]>([
  ["there is none", { champion: undefined }],
  ["its files changed", { championChanged: "artifact changed" }],
])("plots only the candidate without a comparable champion: %s", async (_, change) => {
  const report = await reportOf(change);
  expect(report).not.toHaveProperty("championDrawn");
  expect(report.facts.champion).toBeUndefined();
  expect(figures(report).map(({ title }) => title)).toContain("Confusion matrix");
});
