import { appendFile } from "node:fs/promises";
import { METRICS, metricKeys } from "../metrics/metric-table.ts";
import { familywiseText } from "../multiplicity.ts";
import type { GateReport } from "../report.ts";
import { escapeCell as cell } from "./escape.ts";
import { checkWords, formatNumber } from "./words.ts";

const MARKS = { pass: "✅", fail: "❌", inconclusive: "❔" } as const;
const VERDICTS = { passed: "✅", failed: "❌", inconclusive: "❔" } as const;

/** The report as Markdown: the verdict first, then a row a check. */
export function renderSummary(report: GateReport, reportUri?: string): string {
  const { model, verdict, checks, evaluation } = report;
  const rows = checks.map((check) => {
    const { outcome, value, bound, interval } = checkWords(check);
    const told = [`${MARKS[check.outcome]} ${outcome}`, check.check, value, bound, interval, check.detail];
    return `| ${told.map(cell).join(" | ")} |`;
  });
  const family = report.facts.familywise && familywiseText(report.facts.familywise);
  return [
    `### ${VERDICTS[verdict]} Quality gate ${verdict}: ${cell(model.name)} version ${model.version}`,
    "",
    "| outcome | check | value | bound | interval | found |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
    "",
    `${evaluation.rows} rows of \`${evaluation.path}\` (md5 \`${evaluation.md5}\`), files \`sha256:${model.sha256}\`.`,
    ...baselineLines(report),
    ...(family === undefined ? [] : [family]),
    ...(reportUri === undefined ? [] : [`Report: \`${reportUri}\``]),
    "",
  ].join("\n");
}

/** Metrics that people compare a baseline by. */
const COMPARED = ["accuracy", "log_loss", "pr_auc", "root_mean_squared_error", "mean_absolute_error"];

function baselineLines({ metrics = {}, facts: { baseline = {}, constant } }: GateReport): string[] {
  const values = metricKeys
    .map((key) => METRICS[key])
    .filter(({ metric }) => COMPARED.includes(metric))
    .flatMap(({ label, metric }) => {
      const [ours, theirs] = [metrics[metric], baseline[metric]];
      return ours === undefined || theirs === undefined
        ? []
        : [`${label} ${formatNumber(theirs)} (this version ${formatNumber(ours)})`];
    });
  return [
    ...(constant ? ["**The model answers the same for every row.**"] : []),
    ...(values.length > 0 ? [`Baseline, a model that has learned nothing: ${values.join(", ")}.`] : []),
  ];
}

/** Adds the summary to the page of a GitHub Actions job; does nothing elsewhere. */
export async function appendJobSummary(
  markdown: string,
  file: string | undefined = process.env.GITHUB_STEP_SUMMARY,
): Promise<void> {
  if (file) await appendFile(file, `${markdown}\n`);
}
