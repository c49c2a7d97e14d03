import type { MetricPolicy } from "./checks/metric-policy.ts";
import { FEWEST, fewestOfLosses } from "./intervals/enough-rows.ts";
import type { Metric } from "./metrics/metric.ts";
import { METRICS, type MetricKey, metricKeys } from "./metrics/metric-table.ts";
import { withDefaultConfidence } from "./multiplicity.ts";
import type { Policy } from "./policy.ts";
import { lowerTail } from "./statistics/binomial.ts";
import { normalQuantile, twoSidedZ } from "./statistics/normal.ts";
import { aboutRows, POWER } from "./statistics/power.ts";
import { proportion } from "./statistics/proportion.ts";

/** Rows that a check needs, as far as the policy alone determines it. */
export interface NeededRows {
  /** Its key with its bound, such as `champion.accuracy (margin 0.01)`. */
  readonly check: string;
  readonly rows: number;
  /** Which rows count, if not all. */
  readonly of?: string;
  /** Further assumption about the model. */
  readonly given?: string;
  /** For which model; absent if the check is inconclusive below this number for every model. */
  readonly model?: string;
}

/** Assumed share of rows on which only one of two models is right: typical of models with similar training. */
const DISCORDANT = 0.05;

/**
 * Rows that the policy's bounds with confidence and its comparisons need so that a good model passes in 80 % of cases. If that depends on a model that
 * is still to be trained, such as on the spread of a regressor's errors, the minimum for which an interval exists.
 */
export function rowsNeeded(policy: Policy): readonly NeededRows[] {
  const { accuracy, performance = {}, slices = {} } = policy;
  const comparisons = (["champion", "baseline"] as const).flatMap((group) =>
    metricKeys.flatMap((key) => {
      const terms = (withDefaultConfidence(policy[group]) as Comparisons | undefined)?.[key];
      return terms ? [{ group, key, terms }] : [];
    }),
  );
  const bounds = [
    ...(accuracy ? [{ check: "accuracy", key: "accuracy" as const, terms: accuracy }] : []),
    ...metricKeys.flatMap((key) => {
      const terms = performance[key];
      return terms ? [{ check: `performance.${key}`, key, terms }] : [];
    }),
  ].filter(({ terms }) => terms.confidence !== undefined);
  const groups = Object.entries(slices).flatMap(([name, { accuracy: terms }]) =>
    terms?.confidence === undefined ? [] : [{ name, terms: { ...terms, confidence: terms.confidence } }],
  );
  const family = comparisons.length + bounds.length + groups.length;
  const tail = (confidence: number) =>
    policy.multiplicity === "holm" && family > 1 ? 1 - (1 - confidence) / family : confidence;
  return [
    ...bounds.flatMap(({ check, key, terms }) =>
      ofBound(check, key, { ...terms, confidence: tail(terms.confidence ?? 0) }),
    ),
    ...comparisons.flatMap(({ group, key, terms: { margin, confidence } }) =>
      ofComparison(group, key, margin, tail(confidence)),
    ),
    ...groups.flatMap(({ name, terms }) =>
      ofProportion(`slices.${name}.accuracy`, terms.min, tail(terms.confidence), "rows of each group"),
    ),
  ];
}

type Comparisons = Partial<Record<MetricKey, { readonly margin: number; readonly confidence: number }>>;

/** Standard errors between the bound and a good model's value. */
const reachOf = (confidence: number) => twoSidedZ(confidence) + normalQuantile(POWER);

/** Metrics that are a share of some rows, and which ones. */
const SHARES: Partial<Record<MetricKey, string>> = {
  accuracy: "rows",
  microPrecision: "rows",
  microRecall: "rows",
  microF1: "rows",
  recall: "positive rows",
  specificity: "negative rows",
  precision: "rows predicted positive",
};

function ofBound(check: string, key: MetricKey, { min, confidence = 0 }: MetricPolicy): NeededRows[] {
  const of = SHARES[key];
  if (min !== undefined && of !== undefined) return ofProportion(check, min, confidence, of);
  if (min !== undefined && key === "rocAuc") {
    const area = halfTheErrors(min);
    const rows = rowsBetween(min, area, confidence, areaVariance);
    return [
      {
        check: `${check} (min ${min})`,
        rows: Math.max(FEWEST.area, rows),
        of: "rows of each class",
        model: `a model with ${shown(area)}`,
      },
    ];
  }
  return fewest(check, key);
}

/** A value halfway between the bound and 1. */
const halfTheErrors = (bound: number) => (1 + bound) / 2;
const shown = (value: number) => String(Number(value.toFixed(4)));

/** Rows for which the better value's interval is above the bound with 80 % power, by normal approximation; each value has its own variance. */
function rowsBetween(bound: number, better: number, confidence: number, variance: (value: number) => number): number {
  const reach =
    twoSidedZ(confidence) * Math.sqrt(variance(bound)) + normalQuantile(POWER) * Math.sqrt(variance(better));
  return better > bound ? Math.ceil((reach / (better - bound)) ** 2) : Number.POSITIVE_INFINITY;
}

/** Hanley and McNeil's (1982) variance of an area, times the number of rows of each class. */
const areaVariance = (area: number): number => area / (2 - area) + (2 * area ** 2) / (1 + area) - 2 * area ** 2;

function ofProportion(check: string, min: number, confidence: number, of: string): NeededRows[] {
  const share = halfTheErrors(min);
  let rows = rowsBetween(min, share, confidence, (value) => value * (1 - value));
  // The exact interval, which is used near 0 and 1, is wider.
  while (Number.isFinite(rows) && powerOf(rows, share, min, confidence) < POWER) rows = Math.ceil(rows * 1.02);
  return [{ check: `${check} (min ${min})`, rows, of, model: `a model with ${shown(share)}` }];
}

/** Probability that a share's interval is above the bound with that many rows. */
function powerOf(rows: number, share: number, bound: number, confidence: number): number {
  const passes = (right: number) => proportion(right, rows, confidence).interval[0] >= bound;
  if (!passes(rows)) return 0;
  let [low, high] = [0, rows];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passes(middle)) high = middle;
    else low = middle + 1;
  }
  return 1 - lowerTail(low - 1, rows, share);
}

function ofComparison(
  group: "champion" | "baseline",
  key: MetricKey,
  margin: number,
  confidence: number,
): NeededRows[] {
  const of = key === "precision" ? undefined : SHARES[key];
  if (group === "baseline" || of === undefined) return fewest(`${group}.${key}`, key);
  const z = twoSidedZ(confidence);
  // Tango's interval has a width even without discordant rows.
  const rows = Math.max(DISCORDANT * (reachOf(confidence) / margin) ** 2, (z ** 2 * (1 - margin)) / margin);
  return [
    {
      check: `champion.${key} (margin ${margin})`,
      rows: Math.ceil(rows),
      of,
      model: "a model as good as the champion",
      given: `if each model alone is right on ${(DISCORDANT * 100) / 2} % of the rows`,
    },
  ];
}

/** Minimum for which the interval exists, whatever the model. */
function fewest(check: string, key: MetricKey): NeededRows[] {
  const { counts, tasks, lossKind }: Metric = METRICS[key];
  if (lossKind) return [{ check, rows: fewestOfLosses(lossKind) }];
  if (key === "calibrationError") return [{ check, rows: FEWEST.calibration }];
  if (counts && tasks.length === 1 && tasks[0] === "multiclass")
    return [{ check, rows: FEWEST.countsPerClass, of: "rows for each class" }];
  return [];
}

/** Describes the needed rows in one line; undefined if the policy uses no interval. @param rows of the evaluation snapshot, if known */
export function rowsNeededText(
  needed: readonly NeededRows[],
  path: string,
  rows: number | undefined,
): string | undefined {
  if (needed.length === 0) return undefined;
  const has = rows === undefined ? "" : `; ${path} has ${rows.toLocaleString("en-US")} rows`;
  const powered = needed.filter(({ model }) => model !== undefined);
  const least = needed.filter(({ model }) => model === undefined);
  const needs = [
    ...powered.map(({ check, rows: count, of = "rows", model, given }) =>
      Number.isFinite(count)
        ? `${check} about ${counted(count)} ${of}, so that ${model} passes in 80 % of cases${given ? `, ${given}` : ""}`
        : `${check} cannot be met with any number of rows`,
    ),
    ...least.map(({ check, rows: count, of = "rows" }) => `${check} at least ${counted(count)} ${of}`),
  ];
  return `rows that the gate's intervals need: ${needs.join("; ")}${has}`;
}

const counted = (rows: number) => aboutRows(rows).replace(/^about (\S+) rows$/, "$1");
