import { expect, test } from "vitest";
import type { GateReport } from "../../../training/gate/report.ts";
import { figures } from "../../../training/gate/report-page/charts.ts";
import { drawCharts } from "../../../training/gate/report-page/draw.ts";
import { binaryRows, multiclassRows, reportOf } from "../../fixtures/gate/reports.ts";

const named = (count: number) =>
  Array.from({ length: count }, (_, place) => `complaint about the delivery of a damaged item in region ${place}`);

/** Width of each figure's plot area, without labels. */
async function plotWidths(report: GateReport): Promise<[string, number][]> {
  const plotted = figures(report);
  const svgs = await drawCharts(plotted.map(({ chart }) => chart));
  return svgs.map((svg, index) => [
    plotted[index]?.title ?? "",
    Math.max(
      ...[...svg.matchAll(/class="background"[^>]* d="M0(?:\.5)?,0(?:\.5)?h([\d.]+)/g)].map(([, width]) =>
        Number(width),
      ),
    ),
  ]);
}

test("long names leave at least a third of a figure to its marks", async () => {
  const drift = named(30).map((feature, index) => ({ feature, psi: 0.4 / (index + 1), edges: [], reference: [] }));
  const reports = [
    reportOf({ ours: multiclassRows(300, named(12), 2), theirs: multiclassRows(300, named(12), 1.5, 2) }),
    reportOf({ ours: binaryRows(300, 1), facts: { drift } as never }),
  ];
  const widths = (await Promise.all(reports.map(plotWidths))).flat();
  expect(widths.map(([title]) => title)).toEqual(expect.arrayContaining(["Drift by feature", "Recall by class"]));
  for (const [title, width] of widths)
    expect([title, width >= (title === "Calibration by class" ? 70 : 110)]).toEqual([title, true]);
});

test("names that differ only at their end stay distinguishable", async () => {
  const report = reportOf({ ours: multiclassRows(300, named(4), 2) });
  const recall = figures(report).filter(({ title }) => /Recall|Confusion|Calibration/.test(title));
  for (const svg of await drawCharts(recall.map(({ chart }) => chart))) {
    const names = [...svg.matchAll(/>(com[^<]*)</g)].map(([, name = ""]) => name);
    expect(names.every((name) => /^com.*….*n \d( \(\d+\))?$/.test(name))).toBe(true);
    expect(new Set(names.map((name) => /n (\d)/.exec(name)?.[1])).size).toBe(4);
  }
});
