import { expect, test } from "vitest";
import { versionNote } from "../../../training/gate/report-page/version-note.ts";
import { binaryRows, CHECKS, reportOf } from "../../fixtures/gate/reports.ts";
import { sampleReport } from "../../fixtures/gate/sample-report.ts";

test("has the verdict, the reasons, counts, metrics and a link to the report", () => {
  const report = reportOf({ ours: binaryRows(300, 1), checks: CHECKS.failed });
  const lines = versionNote(report, "http://127.0.0.1:5050/#/experiments/1/runs/2/artifacts/gate/report.html").split(
    "\n",
  );
  expect(lines[0]).toBe("### ❌ Quality gate failed");
  expect(lines[2]).toMatch(/^\*\*.+\*\*$/);
  expect(lines).toContain("- inconclusive: accuracy of region where f0 &lt;= 0: no group has 30 rows");
  expect(lines).toContain("Required: 1 passed, 1 failed, 1 inconclusive. Advisory: 1 failed.");
  expect(lines).toContainEqual(expect.stringMatching(/^accuracy [\d.]+ · /));
  expect(lines.at(-1)).toBe(
    `Evaluated on ${report.evaluation.rows} rows on 2026-05-01 12:00 UTC. [Open the report](http://127.0.0.1:5050/#/experiments/1/runs/2/artifacts/gate/report.html)`,
  );
});

test("has no link if the report could not be recorded, and escapes untrusted texts", () => {
  const [first] = sampleReport.checks;
  if (!first) throw new Error("the sample has no checks");
  const checks = [{ ...first, outcome: "fail", required: true, detail: "a [b](c) <script>" } as const];
  const note = versionNote({ ...sampleReport, checks }, undefined);
  expect(note).toContain("**a \\[b\\](c) &lt;script&gt;**");
  expect(note).not.toContain("Open the report");
});

test("many reasons are counted after the first ones", () => {
  const [, failed] = CHECKS.failed;
  const checks = Array.from({ length: 30 }, (_, place) => ({
    ...failed,
    detail: `recall of r${place} 0.5 < 0.8 required`,
  }));
  const lines = versionNote(reportOf({ ours: binaryRows(300, 1), checks }), undefined).split("\n");
  expect(lines[2]).toContain("recall of r0 ");
  expect(lines.filter((line) => line.startsWith("- "))).toHaveLength(9);
  expect(lines).toContain("- and 21 more");
});
