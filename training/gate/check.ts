import { z } from "zod";

export type CheckGroup =
  | "performance"
  | "champion"
  | "baseline"
  | "slices"
  | "robustness"
  | "latency"
  | "schema"
  | "parity"
  | "data"
  | "custom"
  | "integrity";

/** What one check found. */
export interface CheckResult {
  /** Dotted key of the check in the policy, such as `accuracy` or `performance.rocAuc`. */
  readonly check: string;
  readonly group: CheckGroup;
  readonly outcome: "pass" | "fail" | "inconclusive";
  /** A check that is not required is advisory: it is told and never blocks. */
  readonly required: boolean;
  readonly value?: number;
  readonly bound?: number;
  readonly relation?: ">=" | "<=";
  /** Confidence interval of the value. */
  readonly interval?: readonly [number, number];
  /** Of the interval, such as 0.95. */
  readonly confidence?: number;
  /** One line with value and bound, such as `accuracy 0.8975 < 0.90 required`. */
  readonly detail: string;
  /** One line: how it was computed. */
  readonly why?: string;
}

/** What the keys of every check share: `level: advisory` is told and never blocks. */
export const level = z.enum(["required", "advisory"], "must be required or advisory").optional();

export const isRequired = ({ level }: { readonly level?: "required" | "advisory" | undefined }): boolean =>
  level !== "advisory";

/** From here on digits are too many to count: 8.22e+12. */
export const MANY_DIGITS = 1e9;

/** 0.9 as 0.90, 0.8975 as it is: bounds line up with what people write. Six digits of what is large or very small. */
export const formatRatio = (value: number): string => {
  const size = Math.abs(value);
  if (size >= MANY_DIGITS && Number.isFinite(size)) return Number(value.toPrecision(6)).toExponential();
  if (size >= 10 || (size > 0 && size < 1e-3)) return String(Number(value.toPrecision(size < 1 ? 3 : 6)));
  const short = Number(value.toFixed(6));
  return Math.abs(short * 100 - Math.round(short * 100)) < 1e-9 ? short.toFixed(2) : String(short);
};
