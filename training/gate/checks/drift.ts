import { z } from "zod";
import type { SharedCounts } from "../../../data/drift/categories.ts";
import { type ColumnDrift, columnDrift } from "../../../data/drift/column-drift.ts";
import type { Table } from "../../../data/table.ts";
import { compare, confidence, inconclusive, type Level } from "../bounds.ts";
import { type CheckResult, formatRatio, isRequired, level } from "../check.ts";
import type { FeatureDrift } from "../check-details.ts";
import { CONFIDENCE, type DriftClassifier } from "../domain-classifier.ts";
import { SEED } from "../intervals/interval.ts";
import { benjaminiHochberg } from "../multiplicity.ts";
import { isCategoryPsiSignificant } from "../statistics/category-significance.ts";
import { kolmogorovSmirnov, ksPValue } from "../statistics/kolmogorov-smirnov.ts";
import { isPsiSignificant } from "../statistics/psi-significance.ts";

const group = "data";

/** Maximum area under the curve of a classifier that distinguishes the snapshots; 0.5 is chance, 1 is perfect. */
const area = z.number().min(0.5, "must be between 0.5 and 1").lt(1, "must be between 0.5 and 1");
export const classifierPolicy = z.strictObject({
  max: area.optional(),
  /** Confidence of the two-sided interval, whose lower end must also exceed `max` to fail; default: 0.95. */
  confidence: confidence.optional(),
  level,
});
/** Default of `max`. */
const DEFAULT_MAX_AREA = 0.6;

/** Probability that a snapshot without drift fails, over the population stability indexes of all columns. */
const FALSE_ALARMS = 0.01;
/** Default of `distance`: smaller distances of the distribution functions are not drift, whatever their p-value. */
const DEFAULT_DISTANCE = 0.1;

/** Drift of a feature with what its significance test needs, which the report does not show. */
export interface MeasuredDrift extends FeatureDrift {
  readonly counts?: (() => SharedCounts) | undefined;
}

interface Compared {
  readonly features: readonly MeasuredDrift[];
  readonly rows: { readonly reference: number; readonly evaluation: number };
  /** Describes what was compared. */
  readonly why: string;
}

/** Fails if a column's index exceeds both the bound and what sampling alone yields at these sizes. */
export function judgePsi(
  { features, rows, why }: Compared,
  { max, level }: { readonly max: number; readonly level?: Level },
): CheckResult {
  const sorted = features.toSorted((a, b) => b.psi - a.psi);
  const [worst] = sorted;
  const check = { check: "data.drift.psi", group, level } as const;
  if (!worst) return inconclusive(check, "drift: the model has no comparable column");
  const falseAlarms = FALSE_ALARMS / features.length;
  const isSignificant = ({ psi, reference, counts }: MeasuredDrift) =>
    counts
      ? isCategoryPsiSignificant(counts(), falseAlarms, SEED)
      : isPsiSignificant(
          { psi, reference: reference.map((share) => Math.round(share * rows.reference)), rows: rows.evaluation },
          falseAlarms,
          SEED,
        );
  const isReal = (feature: MeasuredDrift) => feature.psi > max && isSignificant(feature);
  const drifted = sorted.find(isReal);
  const reported = drifted ?? worst;
  const result = compare({
    ...check,
    relation: "<=",
    value: reported.psi,
    bound: max,
    why,
    label: `population stability index of ${reported.feature}`,
  });
  if (drifted || result.outcome === "pass") return result;
  const sizes = `${rows.evaluation} and ${rows.reference} rows`;
  return {
    ...result,
    outcome: "pass",
    detail: `population stability index of ${worst.feature} ${formatRatio(worst.psi)} > ${formatRatio(max)}, but not significant with ${sizes}: no drift detected`,
  };
}

interface KsTerms {
  readonly alpha: number;
  readonly distance?: number | undefined;
  readonly level?: Level;
}

/** Fails if a column's distance is both large enough to matter and significant. */
export function judgeKs({ features, why }: Pick<Compared, "features" | "why">, terms: KsTerms): CheckResult {
  const { alpha, distance = DEFAULT_DISTANCE, level } = terms;
  const tested = features.flatMap(({ feature, adjusted, ks }) =>
    adjusted === undefined || ks === undefined ? [] : [{ feature, adjusted, ks }],
  );
  const significant = tested.filter(({ adjusted }) => adjusted < alpha);
  const drifted = significant.filter(({ ks }) => ks >= distance);
  const [first, ...others] = drifted.length > 0 ? drifted : tested;
  if (!first)
    return inconclusive({ check: "data.drift.ks", group, level }, "drift: the model has no numeric column to test");
  const worst = others.reduce((least, one) => (one.adjusted < least.adjusted ? one : least), first);
  const found = `smallest adjusted Kolmogorov-Smirnov p-value ${formatRatio(worst.adjusted)} (${worst.feature})`;
  const largest = Math.max(...significant.map(({ ks }) => ks));
  const without =
    significant.length === 0
      ? `${found} >= ${formatRatio(alpha)}: no drift`
      : `${found} < ${formatRatio(alpha)}, but no distance reaches ${formatRatio(distance)} (largest ${formatRatio(largest)}): no relevant drift`;
  const names = drifted.map(({ feature }) => feature).join(", ");
  return {
    check: "data.drift.ks",
    group,
    outcome: drifted.length === 0 ? "pass" : "fail",
    required: isRequired({ level }),
    value: worst.adjusted,
    bound: alpha,
    relation: ">=",
    why: `${why}, Benjamini-Hochberg, distances below ${formatRatio(distance)} ignored`,
    detail: drifted.length === 0 ? without : `${found} < ${formatRatio(alpha)}: drift of ${names}`,
  };
}

/** Measures the drift of each feature from `reference` to `evaluation`, which have the same columns. Tensors are not compared. */
export function featureDrift(evaluation: Table, reference: Table): MeasuredDrift[] {
  const found = evaluation.fields.flatMap((field, index) => {
    const [before, after] = [reference.columns[index], evaluation.columns[index]];
    const drift =
      before && after && columnDrift(field, before, after, { reference: reference.rows, evaluation: evaluation.rows });
    return drift ? [withTest(drift, { reference: reference.rows, evaluation: evaluation.rows })] : [];
  });
  const tested = found.filter((feature) => feature.pValue !== undefined);
  const adjusted = benjaminiHochberg(tested.map(({ pValue }) => pValue as number));
  for (const [index, feature] of tested.entries())
    found[found.indexOf(feature)] = { ...feature, adjusted: adjusted[index] };
  return found;
}

function withTest({ samples, hasMissing: _, ...bins }: ColumnDrift, rows: Compared["rows"]): MeasuredDrift {
  if (!samples) return bins;
  const ks = kolmogorovSmirnov(
    withMissing(samples.reference, rows.reference),
    withMissing(samples.evaluation, rows.evaluation),
  );
  return { ...bins, ks, pValue: ksPValue(ks, rows.reference, rows.evaluation) };
}

/** Adds missing values as the smallest ones: a column that has lost values has drifted, even if the remaining ones have not. */
function withMissing(sorted: Float64Array, rows: number): Float64Array {
  if (sorted.length === rows) return sorted;
  const all = new Float64Array(rows).fill(Number.NEGATIVE_INFINITY);
  all.set(sorted, rows - sorted.length);
  return all;
}

/** Fails if both the area and the lower end of its interval exceed the bound. */
export function judgeClassifier(
  fitted: DriftClassifier,
  { max = DEFAULT_MAX_AREA, confidence = CONFIDENCE, level }: z.infer<typeof classifierPolicy>,
): CheckResult {
  const { auc, rows, columns, looked } = fitted;
  const interval = fitted.interval(confidence);
  const [used, all] = looked;
  const found = `ROC AUC of the drift classifier ${formatRatio(auc)}`;
  const names = columns.map(({ column }) => column).join(", ");
  const isDrift = interval[0] > max;
  const detail = isDrift
    ? `${found}, lower end of its interval ${formatRatio(interval[0])} > ${formatRatio(max)} allowed: drift, mainly of ${names}`
    : auc > max
      ? `${found} > ${formatRatio(max)}, but the lower end of its interval is ${formatRatio(interval[0])}: no drift detected`
      : `${found} <= ${formatRatio(max)}: no drift`;
  return {
    check: "data.drift.classifier",
    group,
    outcome: isDrift ? "fail" : "pass",
    required: isRequired({ level }),
    value: auc,
    bound: max,
    relation: "<=",
    interval,
    confidence,
    detail,
    why: `logistic regression that distinguishes evaluation from reference, cross-fitted on two halves; ${rows.evaluation} rows compared with ${rows.reference}, ${used} of ${all} columns`,
  };
}
