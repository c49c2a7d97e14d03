import { z } from "zod";
import { microsOf } from "../../../data/instant.ts";
import { ABOUT_KEY } from "../../../data/issue-messages.ts";
import { atLeast, atMost, confidence, notNegative, ratio } from "../bounds.ts";
import { level } from "../check.ts";
import { type Grouping, MAX_GROUPS } from "../groups.ts";
import type { Task } from "../metrics/answered-rows.ts";
import { NAME_ONE } from "./metric-policy.ts";

/** Name of each group rate in messages, and the rows in its denominator. */
export const RATES = {
  accuracy: { label: "accuracy", of: "rows" },
  macroRecall: { label: "macro recall", of: "rows of its rarest class" },
  selectionRate: { label: "selection rate", of: "rows" },
  truePositiveRate: { label: "true positive rate", of: "positive rows" },
  falsePositiveRate: { label: "false positive rate", of: "negative rows" },
  precision: { label: "precision", of: "rows predicted positive" },
  meanError: { label: "mean error", of: "rows" },
  rmse: { label: "root mean squared error", of: "rows" },
} as const;
export type Rate = keyof typeof RATES;

interface Check {
  readonly rates: readonly Rate[];
  readonly tasks: readonly Task[];
  readonly label: string;
}
const difference = (tasks: readonly Task[], label: string, ...rates: readonly Rate[]): Check => ({
  tasks,
  label,
  rates,
});

const ofClasses = {
  truePositiveRateDifference: difference(["binary"], "true positive rate difference", "truePositiveRate"),
  falsePositiveRateDifference: difference(["binary"], "false positive rate difference", "falsePositiveRate"),
  precisionDifference: difference(["binary"], "precision difference", "precision"),
};
const ofErrors = {
  meanErrorDifference: difference(["regression"], "difference of the mean error", "meanError"),
  rmseDifference: difference(["regression"], "difference of the root mean squared error", "rmse"),
};

/** Largest minus smallest rate among the groups. */
export const DIFFERENCES = {
  accuracyDifference: difference(["binary", "multiclass"], "accuracy difference", "accuracy"),
  macroRecallDifference: difference(["multiclass"], "macro recall difference", "macroRecall"),
  demographicParity: difference(["binary"], "demographic parity difference", "selectionRate"),
  equalizedOdds: difference(["binary"], "equalized odds difference", "truePositiveRate", "falsePositiveRate"),
  ...ofClasses,
  ...ofErrors,
};
/** Largest minus smallest rate of one class against the others. */
export const CLASS_DIFFERENCES = {
  selectionRateDifference: difference(["multiclass"], "selection rate difference", "selectionRate"),
  ...ofClasses,
};
/** Largest minus smallest rate of one of several targets. */
export const TARGET_DIFFERENCES = ofErrors;
/** Rates with a minimum that the worst group must reach. */
export const FLOORS = { accuracy: ["binary", "multiclass"], macroRecall: ["multiclass"] } as const satisfies Partial<
  Record<Rate, readonly Task[]>
>;

const COLUMN = "must name a column of the evaluation snapshot";
const columnName = z
  // A column may be named 0, which YAML reads as a number.
  .union([z.string(), z.number()], COLUMN)
  .transform(String)
  .pipe(z.string().min(1, COLUMN));

const CUT = "must be a number, or a date such as 2026-01-31";
const ranges = {
  /** Group boundaries: [0] creates the groups <= 0 and > 0. Dates are ISO 8601. */
  cuts: z
    .array(z.union([z.number(), z.string().refine((text) => microsOf(text) !== undefined, CUT)], CUT))
    .min(1, "must have at least one number")
    .optional(),
  /** Alternatively, this many groups of about equal size. */
  quantiles: z
    .int()
    .min(2, `must be from 2 to ${MAX_GROUPS}`)
    .max(MAX_GROUPS, `must be from 2 to ${MAX_GROUPS}`)
    .optional(),
  /** Alternatively, one group per listed value and one for all others. Without cuts, quantiles and categories, each value is a group. */
  categories: z
    .array(z.union([z.string(), z.number(), z.boolean()], "must be a string, a number, true or false"))
    .min(1, `must have from 1 to ${MAX_GROUPS} values`)
    .max(MAX_GROUPS, `must have from 1 to ${MAX_GROUPS} values`)
    .refine((values) => new Set(values.map(String)).size === values.length, "must not repeat a value")
    .optional(),
};
const isOneWay = ({ cuts, quantiles, categories }: { readonly [Key in keyof typeof ranges]?: unknown }) =>
  [cuts, quantiles, categories].filter((way) => way !== undefined).length < 2;
const ONE_WAY = "must have only one of cuts, quantiles and categories";

const crossedColumn = z.preprocess(
  (given) => (typeof given === "string" || typeof given === "number" ? { column: given } : given),
  z.strictObject({ column: columnName, ...ranges }).refine(isOneWay, ONE_WAY),
);

const TWO_COLUMNS = "must have two columns, such as [sex, { column: age, cuts: [40] }]";

type Bounds = ReturnType<typeof atMost>;
const bounds = <Key extends string>(keys: Record<Key, Check>) =>
  Object.fromEntries(
    Object.entries<Check>(keys).map(([key, { tasks }]) => [
      key,
      atMost(tasks.includes("regression") ? notNegative : ratio).optional(),
    ]),
  ) as Record<Key, z.ZodOptional<Bounds>>;
const byName = <Key extends string>(keys: Record<Key, Check>) =>
  z
    .record(
      z.string(),
      z
        .strictObject(bounds(keys))
        .refine((named) => Object.keys(named).length > 0, `must have one of ${Object.keys(keys).join(", ")}`),
    )
    .refine((named) => Object.keys(named).length > 0, NAME_ONE)
    .optional();

const checkKeys = [...Object.keys(FLOORS), ...Object.keys(DIFFERENCES), "classes", "targets"];

const slice = z
  .strictObject({
    /** Column of the evaluation snapshot that defines the groups. */
    column: columnName.optional(),
    ...ranges,
    /** Alternatively, two columns: one group per combination. */
    columns: z
      .array(crossedColumn, TWO_COLUMNS)
      .refine(([one, other, ...more]) => one && other && more.length === 0 && one.column !== other.column, TWO_COLUMNS)
      .optional(),
    /** Minimum rows in a rate's denominator; default: 30. */
    minSize: z.int().min(1, "must be at least 1").optional(),
    accuracy: z.strictObject({ min: ratio, confidence: confidence.optional(), level }).optional(),
    macroRecall: atLeast(ratio).optional(),
    ...bounds(DIFFERENCES),
    /** For more than two classes, by class name. */
    classes: byName(CLASS_DIFFERENCES),
    /** For several targets, by target name. */
    targets: byName(TARGET_DIFFERENCES),
  })
  .superRefine(({ column, columns }, context) => {
    if (columns === undefined && column === undefined)
      context.addIssue({ code: "custom", path: ["column"], message: `is missing: ${COLUMN}` });
    if (columns !== undefined && column !== undefined)
      context.addIssue({
        code: "custom",
        path: ["columns"],
        message: "must not be combined with column",
        ...ABOUT_KEY,
      });
  })
  .refine(({ columns, cuts, quantiles, categories }) => !columns || !(cuts || quantiles || categories), {
    error:
      "must have cuts, quantiles and categories inside the crossed columns: columns: [{ column: age, cuts: [40] }, sex]",
    ...ABOUT_KEY,
  })
  .refine(isOneWay, ONE_WAY)
  .refine(
    (terms) => checkKeys.some((key) => terms[key as keyof typeof terms]),
    `must have at least one of ${checkKeys.slice(0, -2).join(", ")}, or one of them below classes or targets`,
  );

/** Slices by user-defined name. */
export const slicesPolicy = z.record(z.string(), slice);
export type SlicePolicy = z.infer<typeof slice>;

/** A rate with a bound. */
export interface JudgedRate {
  readonly rate: Rate;
  /** Path in a group's rates. */
  readonly path: string;
  /** Name in messages. */
  readonly label: string;
}

/** Returns the rates that a slice's bounds need, without duplicates. */
export function judgedRates(terms: SlicePolicy): readonly JudgedRate[] {
  const of = (given: object, kinds: Readonly<Record<string, Check>>, prefix = "", suffix = ""): JudgedRate[] =>
    Object.keys(given).flatMap((key) =>
      (kinds[key]?.rates ?? []).map((rate) => ({
        rate,
        path: `${prefix}${rate}`,
        label: `${RATES[rate].label}${suffix}`,
      })),
    );
  const parts = (kind: "classes" | "targets", kinds: Readonly<Record<string, Check>>) =>
    Object.entries(terms[kind] ?? {}).flatMap(([name, given]) => of(given, kinds, `${kind}.${name}.`, ` of ${name}`));
  const floors = (Object.keys(FLOORS) as (keyof typeof FLOORS)[]).flatMap((rate) =>
    terms[rate] ? [{ rate, path: rate, label: RATES[rate].label }] : [],
  );
  const all = [
    ...floors,
    ...of(terms, DIFFERENCES),
    ...parts("classes", CLASS_DIFFERENCES),
    ...parts("targets", TARGET_DIFFERENCES),
  ];
  return [...new Map(all.map((one) => [one.path, one])).values()];
}

/** Returns the minimum rows in a rate's denominator. */
export const minSizeOf = ({ minSize = 30 }: Pick<SlicePolicy, "minSize">): number => minSize;

export const groupingsOf = ({ column = "", columns, cuts, quantiles, categories }: SlicePolicy): readonly Grouping[] =>
  columns ?? [{ column, cuts, quantiles, categories }];
