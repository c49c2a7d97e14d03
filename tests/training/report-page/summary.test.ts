import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appendJobSummary, renderSummary } from "../../../training/gate/report-page/summary.ts";
import { binaryRows, CHECKS, multiclassRows, regressionRows, reportOf } from "../../fixtures/gate/reports.ts";
import { sampleReport } from "../../fixtures/gate/sample-report.ts";
import { temporaryFolder } from "../../fixtures/training/pinned-csv.ts";

test("starts with verdict and reason, and has a row per check", () => {
  const lines = renderSummary(sampleReport, "mlflow-artifacts:/1/run/artifacts/gate/report.html").split("\n");
  expect(lines[0]).toBe("### ❌ Quality gate failed: churn-model version 3");
  expect(lines[2]).toMatch(/^\*\*accuracy [\d.]+ &lt; 0.90 required\*\*$/);
  expect(lines.filter((line) => /^\| [✅❌❔]/u.test(line))).toHaveLength(sampleReport.checks.length);
  expect(lines).toContainEqual(expect.stringContaining("| champion.accuracy | 0.004 | ≥ -0.01 | -0.02 to 0.03 |"));
  expect(lines.at(-2)).toContain("report.html");
});

test("lists the baseline next to the model, and reports a constant model", () => {
  const summary = (facts: object) =>
    renderSummary({ ...sampleReport, metrics: { accuracy: 0.9, log_loss: 0.25 }, facts: { ...facts } });
  expect(summary({ baseline: { accuracy: 0.5, log_loss: Math.LN2, f1: 0 } })).toContain(
    "\nBaseline (knows only the distribution of the truth): accuracy 0.5 (this version 0.9), log loss 0.69315 (this version 0.25).\n",
  );
  expect(summary({ constant: true })).toContain("\n**The model predicts the same for every row.**\n");
  expect(summary({})).not.toMatch(/Baseline|same for every row/);
});

test("keeps a check's text inside its cell", () => {
  const [first] = sampleReport.checks;
  if (!first) throw new Error("the sample has no checks");
  const summary = renderSummary({ ...sampleReport, checks: [{ ...first, detail: "a | b\n<b>c</b>" }] });
  expect(summary).toContain("a \\| b &lt;b&gt;c&lt;/b&gt; |");
});

test("has the content of the page: other reasons, counts, notes, metrics next to champion and baseline, worst rows", () => {
  const report = reportOf({ ours: binaryRows(300, 1), theirs: binaryRows(300, 0.8, 2), checks: CHECKS.failed });
  const facts = {
    ...report.facts,
    familywise: { checks: 2, risk: 0.05, multiplicity: "none" },
    baseline: { accuracy: 0.61 },
  } as never;
  const summary = renderSummary({ ...report, facts });
  expect(summary).toContain("- inconclusive: accuracy of region where f0 &lt;= 0: no group has 30 rows");
  expect(summary).toContain("Required: 1 passed, 1 failed, 1 inconclusive. Advisory: 1 failed.");
  expect(summary).toContain("2 required bounds have a confidence");
  expect(summary).toContain("| Metric | version 3 | version 2 (production) | baseline |");
  expect(summary).toMatch(/\| accuracy \| [\d.]+ \| [\d.]+ \| 0.61 \|/);
  expect(summary).toContain("| Row | Truth | Prediction | Probability of the truth |");
  expect(summary.match(/^\| \d+ \| [01] \| [01] \| [\d.]+ \|$/gm)).toHaveLength(20);
});

test("every row of a Markdown table has as many cells as its head", () => {
  for (const ours of [
    binaryRows(100, 1),
    multiclassRows(100, ["a | b", "*c*", "`d`\n"], 1),
    regressionRows(100, ["y_1", "y|2"], 3),
  ]) {
    const summary = renderSummary(reportOf({ ours, checks: CHECKS.inconclusive }));
    let width: number | undefined;
    for (const line of summary.split("\n")) {
      if (!line.startsWith("|")) {
        width = undefined;
        continue;
      }
      const cells = line.replaceAll("\\|", "").split("|").length;
      width ??= cells;
      expect([line, cells]).toEqual([line, width]);
    }
  }
});

test("appends to the job's page, and does nothing without one", async () => {
  const file = join(await temporaryFolder(), "summary.md");
  await writeFile(file, "before\n");
  await appendJobSummary("## verdict", file);
  expect(await readFile(file, "utf8")).toBe("before\n## verdict\n");
  await appendJobSummary("## verdict", "");
});
