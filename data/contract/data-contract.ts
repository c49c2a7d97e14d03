import { z } from "zod";
import { microsOf } from "../instant.ts";

/** Parses a date such as 2026-05-01 or 2026-05-01T12:00:00Z to microseconds since 1970; undefined if the text is not one. */
export function microsecondsOf(text: string): number | undefined {
  const micros = microsOf(text);
  return micros === undefined ? undefined : Number(micros);
}

const NO_SHARE = "must be between 0 and 1{got}: for example, write 5 % as 0.05";
const share = z.number().min(0, NO_SHARE).max(1, NO_SHARE);
const count = z.int("must be a whole number").min(0, "must not be negative");
const end = z.union([z.number(), z.string()], "must be a number, or a date such as 2026-05-01");

/** Rules for the values of one column. An absent rule is not checked. */
const columnSchema = z
  .strictObject({
    /** Type of each value. `boolean` also accepts 0 and 1; `text` accepts anything. */
    type: z
      .enum(["number", "integer", "boolean", "text", "date"], "must be number, integer, boolean, text or date")
      .optional(),
    /** Maximum share of rows without a value; 0 requires a value in each row. */
    missing: share.optional(),
    /** Smallest and largest allowed number or date. */
    min: end.optional(),
    max: end.optional(),
    /** All allowed values. */
    categories: z
      .array(z.union([z.string(), z.number(), z.boolean()], "must be a string, a number, true or false"), {
        error: "must be a list of values, such as [basic, plus]",
      })
      .min(1, "must list at least one value")
      .optional(),
    /** Whether each row must have a different value. */
    unique: z.boolean("must be true or false").optional(),
  })
  .superRefine(({ type, min, max, categories }, context) => {
    const wrong = (key: string, message: string, input: unknown) =>
      context.addIssue({ code: "custom", path: [key], message, input });
    const isDate = type === "date" || typeof min === "string" || typeof max === "string";
    for (const [key, bound] of Object.entries({ min, max })) {
      if (bound === undefined) continue;
      if (type === "text" || type === "boolean") wrong(key, `applies to numbers and dates, but type is ${type}`, bound);
      else if (isDate && (typeof bound !== "string" || microsecondsOf(bound) === undefined))
        wrong(key, "must be a date, such as 2026-05-01 or 2026-05-01T12:00:00Z", bound);
      else if (isDate && type !== "date") wrong(key, "is a date{got}: set type to date", bound);
    }
    const [low, high] = [min, max].map((bound) => (typeof bound === "string" ? microsecondsOf(bound) : bound));
    if (low !== undefined && high !== undefined && low > high) wrong("max", `must not be below min (${min})`, max);
    const isImpossible = (value: string | number | boolean) =>
      type === "number" || type === "integer"
        ? typeof value === "boolean" ||
          Number.isNaN(Number(value)) ||
          Number(value) < (low ?? -Infinity) ||
          Number(value) > (high ?? Infinity)
        : type === "date" && microsecondsOf(String(value)) === undefined;
    if (categories && categories.length > 0 && categories.every(isImpossible))
      wrong(
        "categories",
        `lists no value that is allowed by type ${type}${min === undefined && max === undefined ? "" : ", min and max"}{got}: every row would violate the contract`,
        categories,
      );
  });

/** Requirements for a data set: agreed on before the data exists, and enforced by the gate and the service. */
export const contractSchema = z
  .strictObject({
    /** Bounds of a snapshot's row count. */
    rows: z
      .strictObject({ min: count.optional(), max: count.optional() })
      .refine(({ min = 0, max = Number.POSITIVE_INFINITY }) => min <= max, "must have a min that is not above max")
      .optional(),
    /** Rules by column name. Other columns of a snapshot are not checked. */
    columns: z.record(z.string(), columnSchema).default({}),
  })
  .refine(
    ({ rows, columns }) => Object.keys(columns).length > 0 || Object.keys(rows ?? {}).length > 0,
    "must describe at least one column",
  );

export type DataContract = z.infer<typeof contractSchema>;
export type ColumnRules = DataContract["columns"][string];

/**
 * Returns a service's DATA_CONTRACT as JSON: the rules that apply to a single row. Row counts, uniqueness and shares of missing values require whole
 * snapshots. Returns "" if no rule is left.
 */
export function serviceContractText({ columns }: DataContract): string {
  const kept = Object.entries(columns).flatMap(([name, { unique: _, missing, ...rules }]) => {
    const ofRow = { ...rules, ...(missing === 0 && { missing }) };
    return Object.keys(ofRow).length > 0 ? [[name, ofRow] as const] : [];
  });
  return kept.length > 0 ? JSON.stringify({ columns: Object.fromEntries(kept) }) : "";
}
