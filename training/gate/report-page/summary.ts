import { appendFile } from "node:fs/promises";
import type { CheckResult } from "../check.ts";
import type { GateReport } from "../report.ts";
import { contractCaption, contractTable } from "./contract-figure.ts";
import { classifierCaption, classifierTable } from "./drift-figures.ts";
import type { FigureTable } from "./figure.ts";
import { droppedTable, groupTable } from "./group-figures.ts";
import { headline } from "./headline.ts";
import { metricRows, targetRows } from "./metric-rows.ts";
import { versionsOf } from "./versions.ts";
import { escapeCell as cell, checkWords } from "./words.ts";
import { worstCaption, worstTable } from "./worst-table.ts";

const MARKS = { pass: "✅", fail: "❌", inconclusive: "❔" } as const;
/** Mark of each verdict. */
export const VERDICT_MARKS = { passed: "✅", failed: "❌", inconclusive: "❔" } as const;

/** Renders the report as Markdown: verdict and reason first, then the page's content without plots. */
export function renderSummary(report: GateReport, reportUri?: string): string {
  const { model, verdict, checks, evaluation, worst, facts } = report;
  const contract = contractCaption(facts);
  const { reason, others, counts, notes } = headline(report);
  return [
    `### ${VERDICT_MARKS[verdict]} Quality gate ${verdict}: ${cell(model.name)} version ${model.version}`,
    "",
    `**${cell(reason)}**`,
    "",
    ...(others.length > 0 ? [...others.map((other) => `- ${cell(other)}`), ""] : []),
    counts,
    ...notes.map((note) => `\n${note}`),
    "",
    ...table(checkTable(checks)),
    `${evaluation.rows} rows of \`${evaluation.path}\` (md5 \`${evaluation.md5}\`), files \`sha256:${model.sha256}\`.`,
    "",
    ...folded("Metrics", [...table(metricRows(report)), ...table(targetRows(report))]),
    ...groups(report),
    ...(facts.driftClassifier
      ? folded("Columns that distinguish evaluation from reference", [
          cell(classifierCaption(facts.driftClassifier)),
          "",
          ...table(classifierTable(facts.driftClassifier)),
        ])
      : []),
    ...(contract === undefined ? [] : folded("Data contract", [cell(contract), "", ...table(contractTable(facts))])),
    ...(worst ? folded("Worst rows", [cell(worstCaption(worst)), "", ...table(worstTable(worst))]) : []),
    ...(reportUri === undefined ? [] : [`Report: \`${reportUri}\``]),
    "",
  ].join("\n");
}

/** By slice, group and rate, then those omitted from a check. */
function groups(report: GateReport): string[] {
  const versions = versionsOf(report);
  return [
    ...folded("Groups", table(groupTable(versions, report.policy.slices))),
    ...folded("Groups omitted from checks", table(droppedTable(versions))),
  ];
}

function checkTable(checks: readonly CheckResult[]): FigureTable {
  return {
    head: ["outcome", "check", "value", "bound", "interval", "found"],
    rows: checks.map((check) => {
      const { outcome, value, bound, interval } = checkWords(check);
      return [`${MARKS[check.outcome]} ${outcome}`, check.check, value, bound, interval, check.detail];
    }),
  };
}

/** Empty without rows; ends with an empty line. */
function table({ head, rows }: FigureTable): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly (string | number)[]) => `| ${cells.map((one) => cell(String(one))).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line), ""];
}

const folded = (title: string, lines: readonly string[]) =>
  lines.length === 0 ? [] : ["<details><summary>", title, "</summary>", "", ...lines, "</details>", ""];

/** Appends the summary to the page of a GitHub Actions job; does nothing elsewhere. */
export async function appendJobSummary(
  markdown: string,
  file: string | undefined = process.env.GITHUB_STEP_SUMMARY,
): Promise<void> {
  if (file) await appendFile(file, `${markdown}\n`);
}
