import { z } from "zod";

/** The result of one check. */
export interface CheckResult {
  /** Dotted key of the check in the policy, such as `accuracy` or `performance.rocAuc`. */
  readonly check: string;
  /** First part of that key, or `integrity` for checks of every policy. */
  readonly group: string;
  readonly outcome: "pass" | "fail" | "inconclusive";
  /** Advisory checks are reported but never block. */
  readonly required: boolean;
  readonly value?: number;
  readonly bound?: number;
  readonly relation?: ">=" | "<=";
  /** Confidence interval of the value. */
  readonly interval?: readonly [number, number];
  /** Level of the interval, such as 0.95. */
  readonly confidence?: number;
  /** One line with value and bound, such as `accuracy 0.8975 < 0.90 required`. */
  readonly detail: string;
  /** How it was computed, in one line. */
  readonly why?: string;
}

/** Key of every check: with `level: advisory`, it is reported but never blocks. */
export const level = z.enum(["required", "advisory"], "must be required or advisory").optional();

export const isRequired = ({ level }: { readonly level?: "required" | "advisory" | undefined }): boolean =>
  level !== "advisory";

/** Larger numbers are written like 8.22e+12, because their digits are hard to count. */
export const MANY_DIGITS = 1e9;

/** Formats 0.9 as 0.90 and 0.8975 unchanged, to match how people write bounds. Large or very small values get six digits. */
export const formatRatio = (value: number): string => {
  const size = Math.abs(value);
  if (size >= MANY_DIGITS && Number.isFinite(size)) return Number(value.toPrecision(6)).toExponential();
  if (size >= 10 || (size > 0 && size < 1e-3)) return String(Number(value.toPrecision(size < 1 ? 3 : 6)));
  const short = Number(value.toFixed(6));
  return Math.abs(short * 100 - Math.round(short * 100)) < 1e-9 ? short.toFixed(2) : String(short);
};
