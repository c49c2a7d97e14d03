import type { GateReport } from "../report.ts";
import { headline } from "./headline.ts";
import { metricRows } from "./metric-rows.ts";
import { VERDICT_MARKS } from "./summary.ts";
import { escapeCell as cell, formatTime } from "./words.ts";

/** Maximum number of metrics; the report lists all. */
const METRICS = 8;

/**
 * Renders the verdict as Markdown for the version's page in MLflow: verdict, reasons, the first metrics, and a link to the report.
 * @param url of the report's page; undefined if it could not be recorded
 */
export function versionNote(report: GateReport, url: string | undefined): string {
  const { verdict, judgedAt, evaluation } = report;
  const { reason, others, counts } = headline(report);
  const { rows } = metricRows(report);
  return [
    `### ${VERDICT_MARKS[verdict]} Quality gate ${verdict}`,
    "",
    `**${cell(reason)}**`,
    "",
    ...others.map((other) => `- ${cell(other)}`),
    ...(others.length > 0 ? [""] : []),
    counts,
    "",
    ...(rows.length > 0
      ? [
          rows
            .slice(0, METRICS)
            .map(([name, value]) => `${cell(String(name))} ${value}`)
            .join(" · "),
          "",
        ]
      : []),
    `Evaluated on ${evaluation.rows} rows on ${formatTime(judgedAt)}.${url === undefined ? "" : ` [Open the report](${url})`}`,
  ].join("\n");
}
