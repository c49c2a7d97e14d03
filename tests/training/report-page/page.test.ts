import { expect, test } from "vitest";
import type { GateReport } from "../../../training/gate/report.ts";
import { figures } from "../../../training/gate/report-page/charts.ts";
import { renderPage } from "../../../training/gate/report-page/page.ts";
import { sampleReport } from "../../fixtures/gate/sample-report.ts";

test("tells the verdict first, then every check with value, bound, interval and why", async () => {
  const page = await renderPage(sampleReport);
  const [verdict, checks, plots] = ["gate <span", "<h2>Checks", "<h2>Plots"].map((part) => page.indexOf(part));
  expect(verdict).toBeGreaterThan(0);
  expect(checks).toBeGreaterThan(Number(verdict));
  expect(plots).toBeGreaterThan(Number(checks));
  for (const words of ["≥ 0.9", "0.8 to 0.87 (95 %)", "inconclusive", "pass (advisory)", "McNemar&#39;s exact test"])
    expect(page).toContain(words);
  const table = page.slice(checks, plots).replaceAll("<wbr>", "").replaceAll("&lt;", "<").replaceAll("&#39;", "'");
  for (const { check, value = Number.NaN, detail, why = "" } of sampleReport.checks)
    for (const words of [`<td>${check}</td>`, `>${value}</td>`, detail, why]) expect(table).toContain(words);
});

test("what blocks stands first among the checks, then what is advised", async () => {
  const [check] = sampleReport.checks;
  if (!check) throw new Error("the sample has no check");
  const checks = (["pass", "inconclusive", "fail"] as const).flatMap((outcome) => [
    { ...check, outcome, check: `advisory.${outcome}`, required: false },
    { ...check, outcome, check: `required.${outcome}`, required: true },
  ]);
  const page = (await renderPage({ ...sampleReport, checks })).replaceAll("<wbr>", "");
  const order = checks.map((one) => one.check).sort((a, b) => page.indexOf(`>${a}<`) - page.indexOf(`>${b}<`));
  expect(order).toEqual([
    ...["required.inconclusive", "required.fail", "advisory.inconclusive", "advisory.fail"],
    ...["advisory.pass", "required.pass"],
  ]);
});

test("draws each figure whose numbers are there, and none whose are not", async () => {
  const titles = figures(sampleReport).map(({ title }) => title);
  expect(titles).toEqual([
    ...["Confusion matrix", "ROC", "Precision and recall", "Calibration", "Scores by class", "Groups: age"],
    ...["Drift by feature", "Latency"],
  ]);
  const page = await renderPage(sampleReport);
  expect(page.match(/<svg role="img" aria-label="[^"]+"/g)).toHaveLength(titles.length);
  const { metrics, confusion, curves, ...rest } = sampleReport;
  const bare: GateReport = { ...rest, facts: {} };
  expect(figures(bare)).toEqual([]);
  expect(await renderPage(bare)).not.toContain("<h2>Plots");
});

test("needs nothing but itself, and its drawings have no ids that two could share", async () => {
  const page = await renderPage(sampleReport);
  expect(page).not.toMatch(/<script|<link|<img|@import|url\(|\b(?:src|href)=/i);
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/\sid=/);
});

test("shows names from outside as text", async () => {
  const hostile = `<script>alert("x")</script>'`;
  const page = await renderPage({
    ...sampleReport,
    model: { ...sampleReport.model, name: hostile },
    facts: {
      ...sampleReport.facts,
      drift: (sampleReport.facts.drift ?? []).map((found) => ({ ...found, feature: hostile })),
      slices: (sampleReport.facts.slices ?? []).map((slice) => ({
        ...slice,
        name: hostile,
        groups: slice.groups.map((group) => ({ ...group, name: hostile })),
      })),
    },
  });
  expect(page).not.toContain("<script");
  // Nor may a quote end an attribute.
  expect(page).not.toMatch(/="[^"]*alert\("/);
  const { drift = [], slices = [] } = sampleReport.facts;
  const names = 1 + drift.length + slices.length + slices.flatMap(({ groups }) => groups).length;
  expect(page.match(/&lt;script&gt;/g)?.length).toBeGreaterThanOrEqual(names);
});
