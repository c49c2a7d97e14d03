import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appendJobSummary, renderSummary } from "../../../training/gate/report-page/summary.ts";
import { sampleReport } from "../../fixtures/gate/sample-report.ts";
import { temporaryFolder } from "../../fixtures/training/pinned-csv.ts";

test("has the verdict first and a row a check", () => {
  const lines = renderSummary(sampleReport, "mlflow-artifacts:/1/run/artifacts/gate/report.html").split("\n");
  expect(lines[0]).toBe("### ❌ Quality gate failed: churn-model version 3");
  expect(lines.filter((line) => /^\| [✅❌❔]/u.test(line))).toHaveLength(sampleReport.checks.length);
  expect(lines).toContainEqual(expect.stringContaining("| champion.accuracy | 0.004 | ≥ -0.01 | -0.02 to 0.03 |"));
  expect(lines.at(-2)).toContain("report.html");
});

test("tells the baseline beside the model, and a constant model as one", () => {
  const summary = (facts: object) =>
    renderSummary({ ...sampleReport, metrics: { accuracy: 0.9, log_loss: 0.25 }, facts: { ...facts } });
  expect(summary({ baseline: { accuracy: 0.5, log_loss: Math.LN2, f1: 0 } })).toContain(
    "\nBaseline, a model that has learned nothing: accuracy 0.5 (this version 0.9), log loss 0.69315 (this version 0.25).\n",
  );
  expect(summary({ constant: true })).toContain("\n**The model answers the same for every row.**\n");
  expect(summary({})).not.toMatch(/Baseline|same for every row/);
});

test("keeps what a check says inside its cell", () => {
  const [first] = sampleReport.checks;
  if (!first) throw new Error("the sample has no checks");
  const summary = renderSummary({ ...sampleReport, checks: [{ ...first, detail: "a | b\n<b>c</b>" }] });
  expect(summary).toContain("a \\| b &lt;b&gt;c&lt;/b&gt; |");
});

test("adds to the job's page and keeps what is there; without one it does nothing", async () => {
  const file = join(await temporaryFolder(), "summary.md");
  await writeFile(file, "before\n");
  await appendJobSummary("## verdict", file);
  expect(await readFile(file, "utf8")).toBe("before\n## verdict\n");
  await appendJobSummary("## verdict", "");
});
