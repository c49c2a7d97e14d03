import { expect, test } from "vitest";
import { oneVersusOneEstimate, oneVersusRestEstimate } from "../../../training/gate/intervals/class-areas.ts";
import type { MulticlassRows } from "../../../training/gate/metrics/answered-rows.ts";
import { descendingOrder } from "../../../training/gate/metrics/descending-order.ts";
import { metricsOf } from "../../../training/gate/metrics/metrics-of.ts";
import { type Estimate, standardError } from "../../../training/gate/statistics/estimate.ts";
import { rocArea } from "../../../training/gate/statistics/roc-area.ts";
import { randomRows } from "./metrics/random-rows.ts";

/** Computes the mean of DeLong's areas from its definition, one area at a time. */
function meanOfAreas({ rows, classes, labels, probabilities }: MulticlassRows, pairs: boolean, weights?: Float64Array) {
  const all = [...classes.keys()];
  const present = all.filter((index) => labels.includes(index));
  const compared = pairs
    ? present.flatMap((own) => present.filter((other) => other !== own).map((other) => [own, other]))
    : all.map((own) => [own, undefined]);
  const areas = compared.map(([own, other]) => {
    const scores = Float64Array.from(
      { length: rows },
      (_, row) => probabilities?.[row * classes.length + (own ?? 0)] ?? 0,
    );
    const groups = Array.from(labels, (label) => (label === own ? 1 : other === undefined || label === other ? 0 : 2));
    return rocArea({ scores, groups, weights, order: descendingOrder(scores) });
  });
  const mean = (of: (area: Estimate) => number) => areas.reduce((sum, area) => sum + of(area), 0) / areas.length;
  return {
    value: mean(({ value }) => value),
    influences: Float64Array.from({ length: rows }, (_, row) => mean(({ influences }) => influences[row] as number)),
  };
}

const rounded = (rows: MulticlassRows): MulticlassRows => ({
  ...rows,
  // Creates many ties.
  ...(rows.probabilities && { probabilities: rows.probabilities.map((one) => Math.round(one * 5) / 5) }),
});
const weights = Float64Array.from({ length: 300 }, (_, row) => (row % 7) / 3);

test.each([
  ["with ties", rounded(randomRows.multiclass(300, 1, 4)), undefined],
  ["without ties", randomRows.multiclass(300, 2, 5), undefined],
  ["weighted", rounded(randomRows.multiclass(300, 3, 3)), weights],
] as const)("the mean area and its influences equal the mean over single areas, %s", (_, rows, weighted) => {
  const found = { ovr: oneVersusRestEstimate(rows, weighted), ovo: oneVersusOneEstimate(rows, weighted) };
  const metrics = metricsOf(rows, weighted);
  for (const kind of ["ovr", "ovo"] as const) {
    const expected = meanOfAreas(rows, kind === "ovo", weighted);
    expect(found[kind].value).toBeCloseTo(expected.value, 12);
    expect(found[kind].value).toBeCloseTo(metrics[`roc_auc_${kind}`] ?? Number.NaN, 12);
    expect(standardError(found[kind])).toBeGreaterThan(0);
    for (const [row, influence] of expected.influences.entries())
      expect(found[kind].influences[row], `${kind} ${row}`).toBeCloseTo(influence, 10);
  }
});

test("a class without rows is not in any pair", () => {
  const rows = randomRows.multiclass(300, 4, 4);
  const labels = rows.labels.map((label) => (label === 3 ? 2 : label));
  const without = { ...rows, labels };
  expect(oneVersusOneEstimate(without).value).toBeCloseTo(meanOfAreas(without, true).value, 12);
});

test("hundreds of classes take one lookup per row and class, not a scan of all rows for each pair", {
  timeout: 60_000,
}, () => {
  const rows = randomRows.multiclass(2_000, 5, 300);
  const before = process.cpuUsage();
  oneVersusOneEstimate(rows);
  const { user, system } = process.cpuUsage(before);
  // Takes milliseconds; scanning 2,000 rows for each of 90,000 pairs would take several seconds.
  expect((user + system) / 1_000).toBeLessThan(1_500);
});
