import { z } from "zod";
import { type CheckResult, formatRatio, isRequired, level } from "./check.ts";

/** Message for a share out of range, which is often meant as a percentage. */
export const NO_SHARE = "must be between 0 and 1{got}: shares are written from 0 to 1, so 85 % is 0.85";
export const ratio = z.number().min(0, NO_SHARE).max(1, NO_SHARE);
/** A larger share without an upper limit was probably written as a percentage. */
const LARGEST_SHARE = 10;
export const noOpenShare = (what: string) =>
  `must be at most ${LARGEST_SHARE}, which is ${LARGEST_SHARE * 100} %{got}: ${what} is a share from 0 upward, so 15 % is 0.15`;
export const isOpenShare = (value: number): boolean => value <= LARGEST_SHARE;
export const positive = z.number().positive("must be more than 0");
export const notNegative = z.number().min(0, "must not be negative");
export const confidence = z
  .number()
  .gt(0, "must be between 0 and 1, such as 0.95")
  .lt(1, "must be between 0 and 1, such as 0.95");

/** `{ max: 0.1, level: advisory }` */
export const atMost = (value: z.ZodNumber) => z.strictObject({ max: value, level });
export const atLeast = (value: z.ZodNumber) => z.strictObject({ min: value, level });

export type Level = "required" | "advisory" | undefined;

interface Comparison extends Pick<CheckResult, "check" | "group" | "value" | "interval" | "confidence" | "why"> {
  readonly value: number;
  /** Name of the value in messages. */
  readonly label: string;
  readonly bound: number;
  readonly relation: ">=" | "<=";
  /** Compared with the bound instead of the value, such as the end of an interval. */
  readonly judged?: { readonly label: string; readonly value: number };
  readonly unit?: string;
  readonly level?: Level;
}

/** Compares a value with its bound. NaN fails every bound. */
export function compare(compared: Comparison): CheckResult {
  const { label, judged, unit = "", level, ...result } = compared;
  const { value, bound, relation } = result;
  const held = judged?.value ?? value;
  const passed = relation === ">=" ? held >= bound : held <= bound;
  const sign = passed ? relation : relation === ">=" ? "<" : ">";
  // Rounding must not make a failing value look equal to its bound.
  const show = (number: number) =>
    !passed && formatRatio(number) === formatRatio(bound) ? String(number) : formatRatio(number);
  const comparison = judged
    ? `${label} ${formatRatio(value)}${unit}, ${judged.label} ${show(held)}${unit}`
    : `${label} ${show(value)}${unit}`;
  return {
    ...result,
    outcome: passed ? "pass" : "fail",
    required: isRequired({ level }),
    detail: `${comparison} ${sign} ${formatRatio(bound)}${unit} ${relation === ">=" ? "required" : "allowed"}`,
  };
}

type Named = Pick<CheckResult, "check" | "group"> & { readonly level?: Level };

/** An undecidable check, with the reason. */
export const inconclusive = ({ check, group, level }: Named, detail: string): CheckResult => ({
  check,
  group,
  outcome: "inconclusive",
  required: isRequired({ level }),
  detail,
});

/** A check that fails without a value, with the reason. */
export const failed = ({ check, group, level }: Named, detail: string): CheckResult => ({
  check,
  group,
  outcome: "fail",
  required: isRequired({ level }),
  detail,
});
