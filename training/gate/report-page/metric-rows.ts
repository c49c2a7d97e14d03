import type { GateReport } from "../report.ts";
import type { FigureTable } from "./figure.ts";
import { having, versionsOf } from "./versions.ts";
import { formatNumber, NONE } from "./words.ts";

const formatted = (value: number | null | undefined) => (typeof value === "number" ? formatNumber(value) : NONE);

/** Metrics of the evaluated version next to those of champion and baseline, if known. */
export function metricRows({ metrics = {}, facts, model }: GateReport): FigureTable {
  const { champion, baseline } = facts;
  return {
    head: [
      "Metric",
      `version ${model.version}`,
      ...(champion ? [`version ${champion.version} (production)`] : []),
      ...(baseline ? ["baseline"] : []),
    ],
    rows: Object.entries(metrics).map(([name, value]) => [
      name,
      formatted(value),
      ...(champion ? [formatted(champion.metrics[name])] : []),
      ...(baseline ? [formatted(baseline[name])] : []),
    ]),
  };
}

/** Errors by target, for a regressor with several targets; one row per version. */
export function targetRows(report: GateReport): FigureTable {
  const versions = having(versionsOf(report), ({ targets }) => targets);
  const ours = versions[0]?.part ?? [];
  const names = [...new Set(ours.flatMap(({ metrics }) => Object.keys(metrics)))];
  return {
    head: ["Target", "Version", ...names],
    rows: ours.flatMap(({ name: target }) =>
      versions.map(({ name: version, part }) => {
        const metrics = part.find(({ name }) => name === target)?.metrics;
        return [target, version, ...names.map((name) => formatted(metrics?.[name]))];
      }),
    ),
  };
}
