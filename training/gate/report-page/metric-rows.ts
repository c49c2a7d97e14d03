import type { GateReport } from "../report.ts";
import type { FigureTable } from "./figure.ts";
import { having, versionsOf } from "./versions.ts";
import { formatNumber, NONE } from "./words.ts";

const shown = (value: number | null | undefined) => (typeof value === "number" ? formatNumber(value) : NONE);

/** The judged version's metrics, beside the champion's and those of a model that learned nothing, where they are known. */
export function metricRows({ metrics = {}, facts, model }: GateReport): FigureTable {
  const { champion, baseline } = facts;
  return {
    head: [
      ...["Metric", `version ${model.version}`],
      ...(champion ? [`version ${champion.version} (production)`] : []),
      ...(baseline ? ["baseline"] : []),
    ],
    rows: Object.entries(metrics).map(([name, value]) => [
      ...[name, shown(value)],
      ...(champion ? [shown(champion.metrics[name])] : []),
      ...(baseline ? [shown(baseline[name])] : []),
    ]),
  };
}

/** Errors of each target, of a regressor of several; a row a version. */
export function targetRows(report: GateReport): FigureTable {
  const versions = having(versionsOf(report), ({ targets }) => targets);
  const ours = versions[0]?.part ?? [];
  const names = [...new Set(ours.flatMap(({ metrics }) => Object.keys(metrics)))];
  return {
    head: ["Target", "Version", ...names],
    rows: ours.flatMap(({ name: target }) =>
      versions.map(({ name: version, part }) => {
        const metrics = part.find(({ name }) => name === target)?.metrics;
        return [target, version, ...names.map((name) => shown(metrics?.[name]))];
      }),
    ),
  };
}
