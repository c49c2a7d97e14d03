import { z } from "zod";
import { confidence, isOpenShare, noOpenShare, ratio } from "../bounds.ts";
import { isRequired, level } from "../check.ts";
import type { Metric, Range } from "../metrics/metric.ts";
import {
  METRIC_FAMILIES,
  METRICS,
  type MetricFamilyKey,
  type MetricKey,
  metricKeys,
  metricKeysOf,
} from "../metrics/metric-table.ts";
import { CLASS_KEYS } from "../metrics/metrics-of.ts";
import { withInterval } from "./with-interval.ts";

const isBounded = (end: number) => Math.abs(end) !== Number.POSITIVE_INFINITY;

/** Returns the schema of a number in the metric's range. */
function inRange([low, high]: Range): z.ZodNumber {
  if (low === 0 && high === 1) return ratio;
  if (isBounded(low) && isBounded(high)) {
    const message = `must be between ${low} and ${high}`;
    return z.number().min(low, message).max(high, message);
  }
  if (isBounded(low)) return z.number().min(low, low === 0 ? "must not be negative" : `must be at least ${low}`);
  return isBounded(high) ? z.number().max(high, `must be at most ${high}`) : z.number();
}

interface Bounded extends Partial<Pick<Metric, "atEdge" | "needs" | "tasks" | "openShare" | "label">> {
  readonly range: Range;
  readonly twoSided?: true | undefined;
  readonly loss?: true | undefined;
}

/** Returns the schema of `min`, `max`, `confidence` and `level`, plus a metric's parameters. */
function bound<Shape extends z.ZodRawShape>({ range, twoSided, loss, ...metric }: Bounded, parameters: Shape) {
  const value = inRange(range);
  const keys = {
    min: value.optional(),
    max: value.optional(),
    /** Compares the end of the two-sided interval, instead of the value, with the bound. */
    confidence: withInterval(metric, confidence.optional(), "remove it, or set a bound for"),
    level,
  };
  const ends = (given: unknown) => given as z.infer<z.ZodObject<typeof keys>>;
  const [needed, optional, better] = loss ? (["max", "min", "smaller"] as const) : (["min", "max", "larger"] as const);
  return z
    .strictObject({ ...parameters, ...keys })
    .refine((given) => ends(given).min !== undefined || ends(given).max !== undefined, "must have min or max")
    .refine(
      (given) => !twoSided || (ends(given).min !== undefined && ends(given).max !== undefined),
      "must have min and max{got}: the best value is in the middle",
    )
    .refine(
      // An advisory bound may be an alert for results that are too good to be true.
      (given) =>
        twoSided ||
        !isRequired(ends(given)) ||
        ends(given)[optional] === undefined ||
        ends(given)[needed] !== undefined,
      `must have ${needed}{got}: ${better} is better, so any worse model passes a ${optional} alone. Set both, or level: advisory`,
    )
    .refine((given) => !metric.openShare || !isRequired(ends(given)) || isOpenShare(ends(given).max ?? 0), {
      error: `${noOpenShare(metric.label ?? "it")}. Or set level: advisory`,
      path: ["max"],
    })
    .refine(
      (given) => (ends(given).min ?? -Infinity) <= (ends(given).max ?? Infinity),
      "must not have a min above its max{got}: no model could pass",
    );
}

const ofMetric = (key: MetricKey) => bound(METRICS[key], {}).optional();

/** Bounds of a metric with values between 0 and 1. */
export const metricPolicy = bound({ range: [0, 1] }, {});
export type MetricPolicy = z.infer<typeof metricPolicy>;

const of = <Keys extends readonly MetricKey[]>(keys: Keys) =>
  Object.fromEntries(keys.map((key) => [key, ofMetric(key)])) as Record<Keys[number], ReturnType<typeof ofMetric>>;

const [share, cost] = [inRange([0, 1]), z.number()];
const ratios = { range: [0, 1] } as const;
const anything = { range: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] } as const;
const count = z.int().min(1, "must be at least 1");
const column = z.string().min(1, "must name a target");

const QUANTILE =
  "must be between 0 and 1, exclusive{got}: at 0 any low enough prediction has no loss, at 1 any high enough one";

/** Metrics with parameters, which the policy sets next to the bounds. */
const families = {
  precisionAtRecall: bound({ ...ratios, ...METRIC_FAMILIES.precisionAtRecall }, { recall: share }).optional(),
  recallAtPrecision: bound({ ...ratios, ...METRIC_FAMILIES.recallAtPrecision }, { precision: share }).optional(),
  precisionAtK: bound({ ...ratios, ...METRIC_FAMILIES.precisionAtK }, { k: count }).optional(),
  expectedCost: bound(
    { ...anything, loss: true },
    {
      falsePositive: cost,
      falseNegative: cost,
      truePositive: cost.optional(),
      trueNegative: cost.optional(),
    },
  ).optional(),
  topK: bound(ratios, { k: count }).optional(),
  pinball: bound(
    { range: [0, Number.POSITIVE_INFINITY], loss: true },
    { quantile: share.gt(0, QUANTILE).lt(1, QUANTILE), target: column.optional() },
  ).optional(),
  coverage: bound({ ...ratios, twoSided: true }, { lower: column, upper: column }).optional(),
} satisfies Record<MetricFamilyKey, z.ZodType>;
export const familyKeys = Object.keys(METRIC_FAMILIES) as MetricFamilyKey[];

/** Message for an empty map of classes, targets and the like. */
export const NAME_ONE = "must name at least one";

const byName = <Shape extends z.ZodRawShape>(metrics: z.ZodObject<Shape>) =>
  z
    .record(
      z.string(),
      metrics.refine((named) => Object.keys(named).length > 0, "must name a metric"),
    )
    .refine((named) => Object.keys(named).length > 0, NAME_ONE)
    .optional();

export const performancePolicy = z.strictObject({
  ...of(metricKeys),
  ...families,
  /** For more than two classes, by class name. */
  classes: byName(z.strictObject(of(CLASS_KEYS))),
  /** For several targets, by target name. */
  targets: byName(z.strictObject(of(metricKeysOf("regression")))),
});
export type PerformancePolicy = z.infer<typeof performancePolicy>;
