import { expect, test } from "vitest";
import type { CheckDetails } from "../../../training/gate/check-details.ts";
import { parsePolicy } from "../../../training/gate/policy.ts";
import { figures } from "../../../training/gate/report-page/charts.ts";
import { renderPage } from "../../../training/gate/report-page/page.ts";
import { renderSummary } from "../../../training/gate/report-page/summary.ts";
import { factsReport } from "../../fixtures/gate/details-report.ts";
import { binaryRows, reportOf } from "../../fixtures/gate/reports.ts";

const figureIn = (report: ReturnType<typeof factsReport>, title: string) => {
  const found = figures(report).find((figure) => figure.title === title);
  if (!found)
    throw new Error(
      `no figure ${title} among ${figures(report)
        .map((one) => one.title)
        .join(", ")}`,
    );
  return found;
};

test("plots contract violations by their share of rows, most frequent first", () => {
  const { caption, table } = figureIn(factsReport(), "Data contract");
  expect(caption).toBe(
    "Share of rows that violate a rule of the data contract: evaluation (400 rows) violates 4 of its rules; training (1600 rows) violates 1 of its rules; reference (1600 rows) meets it.",
  );
  expect(table.rows).toEqual([
    ["evaluation", "plann", "column", "the nearest is plan", "–", "–", "–", "–"],
    ["evaluation", "–", "rows", "at least 500", 400, "–", "–", "–"],
    ["evaluation", "income", "max", "250000", 100, "0.25", 3, "2500000"],
    ["training", "income", "max", "250000", 80, "0.05", 9, "300000"],
    ["evaluation", "<b>age</b>", "missing", "0", 4, "0.01", 17, "–"],
  ]);
});

test("a contract that all snapshots meet has no figure, and the summary says so", () => {
  const contract = [{ name: "evaluation", path: "e.csv", rows: 400, violations: [] }] as const;
  const report = reportOf({ ours: binaryRows(100, 1), facts: { contract } });
  expect(figures(report).map(({ title }) => title)).not.toContain("Data contract");
  expect(renderSummary(report)).toContain("evaluation (400 rows) meets it.");
  expect(renderSummary(reportOf({ ours: binaryRows(100, 1) }))).not.toContain("Data contract");
});

test("plots the domain classifier's columns, with its area and interval", () => {
  const { caption, table } = figureIn(factsReport(), "Columns that distinguish evaluation from reference");
  expect(caption).toContain(
    "A classifier distinguishes 400 rows of the evaluation from 1600 of the reference with a ROC AUC of 0.71 (95 % interval 0.66 to 0.76); 0.5 means no drift.",
  );
  expect(table.rows).toEqual([
    ["income", 0.84],
    ["plan", 0.31],
  ]);
});

test("plots each bounded rate for both versions, pale for groups with too few rows", () => {
  const report = factsReport();
  expect(figures(report).map(({ title }) => title)).toEqual(
    expect.arrayContaining([
      "Groups: region",
      "Groups: region, selection rate",
      "Groups: region, true positive rate",
      "Groups: region, false positive rate",
    ]),
  );
  const { caption, table } = figureIn(report, "Groups: region, true positive rate");
  expect(caption).toBe(
    "True positive rate by group of region, with the positive rows of each. Pale: too few positive rows.",
  );
  expect(table).toEqual({
    head: [
      "Group",
      "Positive rows",
      "Evaluated",
      "true positive rate, version 3",
      "true positive rate, version 2 (production)",
    ],
    rows: [
      ["north", 80, "yes", 0.9, 0.85],
      ["south", 12, "too few positive rows", 0.5, 0.45],
    ],
  });
});

test("page and summary list all groups omitted from checks, and the summary lists the rates", async () => {
  const report = factsReport();
  const page = await renderPage(report);
  expect(page).toContain("<h3>Groups omitted from checks</h3>");
  expect(page.match(/has \d positive rows<\/td>/g)).toHaveLength(7);
  expect(page).toContain("and 2 more, listed below");
  const summary = renderSummary(report);
  expect(summary).toContain("| region | south | true positive rate | 12 | too few rows | 0.5 | 0.45 |");
  expect(summary).toContain("| region | group 7 | has 6 positive rows |");
  expect(summary).toContain("| evaluation | income | max | 250000 | 100 | 0.25 | 3 | 2500000 |");
  expect(summary).toContain("| income | 0.84 |");
  // Names are untrusted.
  expect(page).not.toContain("<b>age</b>");
  expect(summary).not.toContain("<b>age</b>");
});

test("plots bounded rates by class and target", () => {
  const facts: CheckDetails = {
    slices: [
      {
        name: "s",
        column: "g",
        groups: [
          {
            name: "a",
            rows: 50,
            small: false,
            accuracy: 0.9,
            selectionRate: null,
            truePositiveRate: null,
            falsePositiveRate: null,
            rates: { accuracy: { value: 0.9, rows: 50 }, "classes.high.precision": { value: 0.75, rows: 40 } },
          },
        ],
      },
    ],
  };
  const policy = parsePolicy(
    { slices: { s: { column: "g", classes: { high: { precisionDifference: { max: 1 } } } } } },
    "p",
  );
  const report = reportOf({ ours: binaryRows(100, 1), facts, policy });
  expect(figureIn(report, "Groups: s, precision of high").table.rows).toEqual([["a", 40, "yes", 0.75]]);
});

test("plots drift from the largest feature down, with the policy's bound", async () => {
  const feature = (name: string, psi: number) => ({ feature: name, psi, edges: [], reference: [], evaluation: [] });
  const facts = { drift: [feature("steady", 0.01), feature("moved", 0.6), feature("near", 0.2)] } as never;
  const report = (policy: object) =>
    reportOf({ ours: binaryRows(100, 1), facts, policy: parsePolicy(policy, "staging") });
  const { caption, table } = figureIn(report({ data: { drift: { psi: { max: 0.25 } } } }), "Drift by feature");
  expect(table.rows.map(([name]) => name)).toEqual(["moved", "near", "steady"]);
  expect(caption).toContain("1 of 3 features is above the bound of 0.25 (line).");
  const without = figureIn(report({ accuracy: { min: 0.8 } }), "Drift by feature");
  expect(without.caption).not.toContain("bound");
  const svgs = async (policy: object) =>
    (await renderPage(report(policy))).match(/<svg [^>]*aria-label="Drift[\s\S]*?<\/svg>/)?.[0];
  expect(await svgs({ data: { drift: { psi: { max: 0.25 } } } })).toMatch(/PSI \(line: bound 0\.25\)[\s\S]*/);
  expect((await svgs({ data: { drift: { psi: { max: 0.25 } } } }))?.match(/var\(--open\)/g)).toHaveLength(1);
  expect(await svgs({ accuracy: { min: 0.8 } })).not.toMatch(/var\(--open\)|bound/);
});
