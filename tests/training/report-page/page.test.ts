import { expect, test, vi } from "vitest";
import type { BinaryRows } from "../../../training/gate/metrics/answered-rows.ts";
import type { GateReport } from "../../../training/gate/report.ts";
import { figures } from "../../../training/gate/report-page/charts.ts";
import { renderPage } from "../../../training/gate/report-page/page.ts";
import { binaryRows, CHECKS, multiclassRows, regressionRows, reportOf } from "../../fixtures/gate/reports.ts";
import { sampleReport } from "../../fixtures/gate/sample-report.ts";

test("shows verdict and main reason first, then every check with value, bound, interval and method", async () => {
  const page = await renderPage(sampleReport);
  const order = ["gate <span", '<p class="reason">accuracy', "<h2>Checks", "<h2>Plots"].map((part) =>
    page.indexOf(part),
  );
  expect(order[0]).toBeGreaterThan(0);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  for (const words of ["≥ 0.9", "0.8 to 0.87 (95 %)", "inconclusive", "pass (advisory)", "McNemar&#39;s exact test"])
    expect(page).toContain(words);
  const table = page.slice(order[2], order[3]).replaceAll("<wbr>", "").replaceAll("&lt;", "<").replaceAll("&#39;", "'");
  for (const { check, value = Number.NaN, detail, why = "" } of sampleReport.checks)
    for (const words of [`>${check}</td>`, `>${value}</td>`, detail, why]) expect(table).toContain(words);
});

test("lists blocking checks first, then advisory ones", async () => {
  const [check] = sampleReport.checks;
  if (!check) throw new Error("the sample has no check");
  const checks = (["pass", "inconclusive", "fail"] as const).flatMap((outcome) => [
    { ...check, outcome, check: `advisory.${outcome}`, required: false },
    { ...check, outcome, check: `required.${outcome}`, required: true },
  ]);
  const page = (await renderPage({ ...sampleReport, checks })).replaceAll("<wbr>", "");
  const order = checks.map((one) => one.check).sort((a, b) => page.indexOf(`>${a}<`) - page.indexOf(`>${b}<`));
  expect(order).toEqual([
    "required.inconclusive",
    "required.fail",
    "advisory.inconclusive",
    "advisory.fail",
    "advisory.pass",
    "required.pass",
  ]);
});

const titlesOf = (report: GateReport) => figures(report).map(({ title }) => title);

test("plots each figure whose data is present, and no other", async () => {
  const titles = titlesOf(sampleReport);
  expect(titles).toEqual([
    "Confusion matrix",
    "ROC",
    "Precision and recall",
    "Calibration",
    "Scores by class",
    "Groups: age",
    "Drift by feature",
    "Latency",
  ]);
  const page = await renderPage(sampleReport);
  expect(page.match(/<svg role="img" aria-label="[^"]+"/g)).toHaveLength(titles.length);
  const { metrics, confusion, curves, ...rest } = sampleReport;
  const bare: GateReport = { ...rest, facts: {} };
  expect(figures(bare)).toEqual([]);
  expect(await renderPage(bare)).not.toContain("<h2>Plots");
});

const CLASSES = ["Adelie", "Chinstrap", "Gentoo"];
const THREE = multiclassRows(300, CLASSES, 1.5);

const COMPARED: readonly GateReport[] = [
  reportOf({ ours: binaryRows(300, 1), theirs: binaryRows(300, 0.8, 2) }),
  reportOf({ ours: THREE, theirs: multiclassRows(300, CLASSES, 1.3, 2) }),
  reportOf({ ours: regressionRows(300, ["y"], 5), theirs: regressionRows(300, ["y"], 7, 2) }),
];

test("each task has its own figures", () => {
  expect(titlesOf(reportOf({ ours: THREE }))).toEqual([
    "Confusion matrix",
    "Precision by class",
    "Recall by class",
    "F1 by class",
    "Calibration by class",
  ]);
  expect(titlesOf(reportOf({ ours: regressionRows(300, ["y"], 5) }))).toEqual([
    "Actual against predicted",
    "Residuals",
  ]);
  const policy = { performance: { coverage: { lower: "q05", upper: "q95", min: 0.85, max: 0.95 } } };
  expect(titlesOf(reportOf({ ours: regressionRows(300, ["q05", "q95"], 5), policy }))).toEqual([
    "Actual against predicted: q05",
    "Residuals: q05",
    "Actual against predicted: q95",
    "Residuals: q95",
    "Quantile coverage",
  ]);
});

test("scores that are not probabilities have ranking curves but no calibration", () => {
  const { positive: _, ...rows } = binaryRows(300, 1) as BinaryRows;
  const report = reportOf({ ours: rows, theirs: binaryRows(300, 0.8, 2) });
  expect(titlesOf(report)).toEqual([
    "Confusion matrix: version 3",
    "Confusion matrix: version 2 (production)",
    "ROC",
    "Precision and recall",
    "Scores by class: version 2 (production)",
  ]);
  expect(report.worst?.by).toBe("score");
});

test("renders without warnings of the plotting library", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  try {
    for (const report of [sampleReport, ...COMPARED, reportOf({ ours: THREE })]) await renderPage(report);
    expect(warn.mock.calls).toEqual([]);
  } finally {
    warn.mockRestore();
  }
});

test("plots the champion next to the candidate, and the legend names both", async () => {
  for (const report of COMPARED) {
    const page = await renderPage(report);
    const plotted = figures(report);
    expect(page.match(/<svg /g)).toHaveLength(plotted.length);
    for (const { title, table } of plotted)
      expect(`${title} ${JSON.stringify(table)}`).toMatch(/version 3.*|version 2 \(production\)/);
    // In the plot itself, not only in its table.
    for (const [index, svg] of [...page.matchAll(/<svg [\s\S]*?<\/svg>/g)].entries()) {
      const title = plotted[index]?.title ?? "";
      if (!title.includes(": version"))
        for (const name of ["version 3", "version 2 (production)"]) expect(`${title} ${svg[0]}`).toContain(`>${name}<`);
    }
  }
  const [binary] = COMPARED;
  expect(binary && titlesOf(binary)).toEqual([
    "Confusion matrix: version 3",
    "Confusion matrix: version 2 (production)",
    "ROC",
    "Precision and recall",
    "Calibration",
    "Scores by class: version 3",
    "Scores by class: version 2 (production)",
  ]);
});

test("too many classes for a matrix are plotted as the pairs confused most often", () => {
  const names = Array.from({ length: 25 }, (_, index) => `c${index}`);
  const report = reportOf({ ours: multiclassRows(2_000, names, 2), theirs: multiclassRows(2_000, names, 1.8, 2) });
  const [pairs, precision] = figures(report);
  expect(pairs).toMatchObject({ title: "Confused most often", table: { rows: { length: 20 } } });
  expect(precision?.caption).toContain("The 20 lowest of 25 classes");
  const many = Array.from({ length: 100 }, (_, index) => `c${index}`);
  const part = figures(reportOf({ ours: multiclassRows(4_000, many, 2), keys: ["accuracy"] }));
  expect(part[1]?.caption).toContain("The 20 lowest of the 60 classes with the lowest F1");
  // As written by an earlier release.
  const { classes, championDrawn, ...old } = report;
  expect(titlesOf(old)).toEqual(["Confused most often"]);
});

test("plots a regressor's groups by error, and names groups omitted from a check", () => {
  const none = { accuracy: null, selectionRate: null, truePositiveRate: null, falsePositiveRate: null };
  const group = (name: string, rmse: number, meanError: number) => ({
    name,
    rows: 50,
    small: false,
    ...none,
    rmse,
    meanError,
  });
  const slice = (rise: number) => ({
    name: "region",
    column: "region",
    groups: [group("north", 2 + rise, 0.5), group("south", 3 + rise, -0.25)],
    dropped: [{ group: "east", why: "has 3 rows" }],
  });
  const report = reportOf({ ours: regressionRows(100, ["y"], 5), theirs: regressionRows(100, ["y"], 6, 2) });
  const { champion } = report.facts;
  if (!champion) throw new Error("no champion");
  const facts = { slices: [slice(0)], champion: { ...champion, slices: [slice(1)] } };
  const figure = figures({ ...report, facts }).find(({ title }) => title === "Groups: region");
  expect(figure?.caption).toBe(
    "Root mean squared error by group of region, with the rows of each. Omitted from a check: east has 3 rows.",
  );
  expect(figure?.table.rows).toEqual([
    ["north", 50, "yes", 2, 3, 0.5, 0.5],
    ["south", 50, "yes", 3, 4, -0.25, -0.25],
  ]);
});

test("classes have their names in the data", async () => {
  const report = reportOf({ ours: { ...binaryRows(200, 1), classes: ["stays", "leaves"] } as never });
  const page = await renderPage(report);
  for (const words of ["probability of leaves", "Rows of stays", "predicted leaves"]) expect(page).toContain(words);
  expect(page).not.toContain("class 1");
});

test("every plot has a table of its numbers, and the keyboard reaches every wide region", async () => {
  const page = await renderPage(reportOf({ ours: THREE, theirs: multiclassRows(300, CLASSES, 1.3, 2) }));
  expect(page.match(/<figure[\s\S]*?<details><summary>As a table[\s\S]*?<table>[\s\S]*?<\/figure>/g)).toHaveLength(
    page.split("<figure").length - 1,
  );
  for (const [region] of page.matchAll(/<div class="scroll"[^>]*>/g))
    expect(region).toMatch(/role="region" aria-label="[^"]+" tabindex="0"/);
  expect(page.match(/<h1>/g)).toHaveLength(1);
  const levels = [...page.matchAll(/<h(\d)>/g)].map(([, level]) => Number(level));
  for (const [index, level] of levels.entries()) expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
});

test("lists metrics next to those of champion and baseline, if known", async () => {
  const report = reportOf({ ours: binaryRows(300, 1), theirs: binaryRows(300, 0.8, 2) });
  const page = await renderPage({ ...report, facts: { ...report.facts, baseline: { accuracy: 0.6123 } } as never });
  expect(page).toMatch(/<th scope="col">version 2 \(production\)<\/th><th scope="col">baseline<\/th>/);
  expect(page).toMatch(/<th scope="row">accuracy<\/th>(<td class="number">[\d.]+<\/td>){2}<td class="number">0.6123</);
  expect(page).toMatch(
    /<p>Baseline \(knows only the distribution of the truth\): accuracy 0.6123 \(this version [\d.]+\).<\/p>/,
  );
  expect(await renderPage(reportOf({ ours: binaryRows(300, 1) }))).not.toMatch(/baseline/i);
});

test("lists the worst rows without other columns than the configured id", async () => {
  const report = reportOf({ ours: binaryRows(300, 1) });
  const { worst } = report;
  if (!worst) throw new Error("no worst rows");
  const page = await renderPage(report);
  expect(page).toContain(`20 of ${worst.wrong} wrong rows`);
  expect(page).toContain("may contain personal data");
  expect(page).toContain("Probability of the truth");
  const named = { ...worst, idColumn: "customer", rows: worst.rows.map((row) => ({ ...row, id: `<C${row.row}>` })) };
  const withIds = await renderPage({ ...report, worst: named });
  expect(withIds).toContain('<th scope="col">customer</th>');
  expect(withIds).toContain(`&lt;C${worst.rows[0]?.row}&gt;`);
  const none = await renderPage({ ...report, worst: { by: "probability", wrong: 0, rows: [] } });
  expect(none).toContain("The model predicted every row correctly.");
});

test("states an inconclusive verdict, the joint certainty of the checks, and a constant model", async () => {
  const inconclusive = await renderPage(reportOf({ ours: THREE, checks: CHECKS.inconclusive }));
  expect(inconclusive).toMatch(/<p class="reason">accuracy 0.8975 is 0.005 worse/);
  expect(inconclusive).toContain("there are too few rows to decide a required check");
  const report = reportOf({ ours: THREE, checks: CHECKS.failed });
  const facts = { familywise: { checks: 3, risk: 0.075, multiplicity: "none" }, constant: true } as never;
  const failed = await renderPage({ ...report, facts });
  for (const words of [
    "Required: 1 passed, 1 failed, 1 inconclusive. Advisory: 1 failed.",
    "<li>inconclusive: accuracy of region",
    "3 required bounds have a confidence",
    "<strong>The model predicts the same for every row.</strong>",
  ])
    expect(failed).toContain(words);
});

test("is self-contained, and its plots have no ids that could clash", async () => {
  const page = await renderPage(sampleReport);
  const icon = /<link rel="icon" href="data:[^"]+">/;
  expect(page).toMatch(icon);
  expect(page.replace(icon, "")).not.toMatch(/<script|<link|<img|@import|url\(|\b(?:src|href)=/i);
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/\sid=/);
});

test("escapes untrusted names", async () => {
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
  // A quote must not end an attribute.
  expect(page).not.toMatch(/="[^"]*alert\("/);
  const { drift = [], slices = [] } = sampleReport.facts;
  const names = 1 + drift.length + slices.length + slices.flatMap(({ groups }) => groups).length;
  expect(page.match(/&lt;script&gt;/g)?.length).toBeGreaterThanOrEqual(names);
  const classes = ["a", hostile, "c"];
  const multiclass = await renderPage(
    reportOf({ ours: multiclassRows(100, classes, 1), theirs: multiclassRows(100, classes, 1, 2) }),
  );
  expect(multiclass).not.toContain("<script");
  expect(multiclass).not.toMatch(/="[^"]*alert\("/);
});
