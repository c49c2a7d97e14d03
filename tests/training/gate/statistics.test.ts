import { expect, test } from "vitest";
import { binomialTerm } from "../../../training/gate/statistics/binomial.ts";
import { difference, standardError, studentQuantile } from "../../../training/gate/statistics/estimate.ts";
import { mcnemar, tango } from "../../../training/gate/statistics/paired-proportions.ts";
import { rowsForPower } from "../../../training/gate/statistics/power.ts";
import { clopperPearson, proportion, wilson } from "../../../training/gate/statistics/proportion.ts";
import { isPsiSignificant } from "../../../training/gate/statistics/psi-significance.ts";
import { medianRanks } from "../../../training/gate/statistics/quantile.ts";
import { newcombeArea, onLogit, rocArea } from "../../../training/gate/statistics/roc-area.ts";
import recorded from "../../fixtures/gate-intervals/intervals.json" with { type: "json" };

type Counted = [number, number, number, number, [number, number]];

test("Tango's interval equals one from a numerically maximized likelihood, and the published one for 1 and 7 of 21", () => {
  for (const [gained, lost, rows, confidence, [low, high]] of recorded.tango as Counted[]) {
    const interval = tango({ gained, lost }, rows, confidence);
    expect(Math.abs(interval[0] - low), `${gained}:${lost} of ${rows}`).toBeLessThan(1e-5);
    expect(Math.abs(interval[1] - high), `${gained}:${lost} of ${rows}`).toBeLessThan(1e-5);
  }
  // Fagerland, Lydersen and Laake 2014, airway hyper-responsiveness.
  expect(tango({ gained: 1, lost: 7 }, 21, 0.95).map((end) => end.toFixed(3))).toEqual(["-0.517", "-0.026"]);
});

test("Wilson's, Clopper and Pearson's, McNemar's and Student's values equal statsmodels' and SciPy's", () => {
  for (const [method, cases] of [
    [wilson, recorded.wilson],
    [clopperPearson, recorded.clopperPearson],
  ] as const)
    for (const [successes, trials, ends] of cases as [number, number, [number, number]][])
      for (const [end, value] of method(successes, trials, 0.95).entries())
        expect(value).toBeCloseTo(ends[end] ?? 9, 9);
  for (const [gained = 0, lost = 0, p = 9] of recorded.mcnemar) expect(mcnemar({ gained, lost })).toBeCloseTo(p, 12);
  for (const [freedom = 0, quantile = 9] of recorded.student)
    expect(Math.abs(studentQuantile(0.975, freedom) - quantile)).toBeLessThan(1e-3);
});

test("areas, their variances and the variance of their difference equal DeLong's over all pairs of rows", () => {
  const { labels, first, second, areas, variances } = recorded.delong;
  const area = (scores: number[]) => {
    const order = scores.map((_, row) => row).sort((a, b) => (scores[b] as number) - (scores[a] as number));
    return rocArea({ scores, groups: labels, order });
  };
  const [one, other] = [area(first), area(second)];
  const rows = labels.length;
  expect([one.value, other.value].map((value, place) => value - (areas[place] ?? 9))).toEqual([
    expect.closeTo(0, 12),
    expect.closeTo(0, 12),
  ]);
  for (const [place, estimate] of [one, other, difference(one, other)].entries())
    expect((standardError(estimate) ** 2 * (rows - 1)) / rows).toBeCloseTo(variances[place] ?? 9, 12);
  // If all pairs are ranked correctly, DeLong's variance is 0, but Newcombe's interval has a width.
  expect(onLogit({ value: 1, influences: new Float64Array(4) }, 2)).toEqual([1, 1]);
  expect(newcombeArea(1, 10, 10, 0.95)[0]).toBeLessThan(0.9);
});

/** Computes P(lower end >= -margin) over all counts of gained and lost rows. */
function passes(rows: number, gain: number, loss: number, margin: number): number {
  let sum = 0;
  for (let discordant = 0; discordant <= rows; discordant++) {
    const weight = binomialTerm(discordant, rows, gain + loss);
    if (weight < 1e-9) continue;
    for (let gained = 0; gained <= discordant; gained++)
      if (tango({ gained, lost: discordant - gained }, rows, 0.95)[0] >= -margin)
        sum += weight * binomialTerm(gained, discordant, gain / (gain + loss));
  }
  return sum;
}

test.each([
  [30, 0, 0.04, 0.02],
  [50, 0.01, 0.05, 0.02],
  [100, 0, 0.02, 0.01],
  [200, 0.01, 0.03, 0.01],
  [400, 0.05, 0.06, 0.005],
])(
  "with %i rows, a candidate that is worse by twice the margin passes in at most 5 %% of cases",
  (rows, gain, loss, margin) => {
    expect(loss - gain).toBeCloseTo(2 * margin, 12);
    expect(passes(rows, gain, loss, margin)).toBeLessThanOrEqual(0.05);
  },
);

/** Computes the exact probability that an end lies on the wrong side of the true share. */
function worstError(rows: number, share: number): number {
  let [low, high] = [0, 0];
  for (let successes = 0; successes <= rows; successes++) {
    const { interval } = proportion(successes, rows, 0.95);
    if (interval[0] > share) low += binomialTerm(successes, rows, share);
    if (interval[1] < share) high += binomialTerm(successes, rows, share);
  }
  return Math.max(low, high);
}

test("a proportion's one-sided error is at most 0.05 for every share and size", () => {
  for (const rows of [5, 10, 30, 100, 400])
    for (let share = 0.005; share < 1; share += 0.005)
      expect(worstError(rows, share), `${share} of ${rows}`).toBeLessThanOrEqual(0.05);
});

test("the median lies between order statistics of SciPy's binomial quantiles; too few rows have none", () => {
  expect(medianRanks(100, 0.95)).toEqual([40, 61]);
  expect(medianRanks(5, 0.95)).toBeUndefined();
});

test("rows for 80 % power follow the normal approximation", () => {
  // (1.959964 + 0.841621)^2 x 0.25 / 0.05^2, for a share of 0.5.
  const half = (1.959963984540054 * 0.5) / Math.sqrt(100);
  const options = { rows: 100, interval: [0.5 - half, 0.5 + half], confidence: 0.95, distance: 0.05 } as const;
  expect(rowsForPower(options)).toBe(785);
  expect(rowsForPower({ ...options, distance: 0 })).toBe(Number.POSITIVE_INFINITY);
});

test("a PSI of 0.3 is not significant with 100 rows on each side, but is with 2,000", () => {
  const bins = (rows: number) => ({ reference: new Array<number>(10).fill(rows / 10), rows, psi: 0.3 });
  expect(isPsiSignificant(bins(100), 0.001, 42)).toBe(false);
  expect(isPsiSignificant(bins(2_000), 0.001, 42)).toBe(true);
});
