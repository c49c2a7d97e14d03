import type { z } from "zod";
import type { Evaluation } from "./evaluation.ts";

/** What one check found. */
export interface CheckResult {
  /** Name of the check, which is its key in the policy. */
  readonly check: string;
  readonly passed: boolean;
  /** One line with value and bound, such as `accuracy 0.8975 < 0.90 required`. */
  readonly detail: string;
  readonly value?: number;
  readonly bound?: number;
}

/** A check of the gate. A further one is a file in checks/ and a line in policy.ts. */
export interface Check<Policy> {
  readonly name: string;
  /** The check's part of the policy. */
  readonly policy: z.ZodType<Policy>;
  judge(evaluation: Evaluation, policy: Policy): CheckResult;
}

/** 0.9 as 0.90, 0.8975 as it is: bounds line up with what people write. */
export const formatRatio = (value: number): string => {
  const short = Number(value.toFixed(6));
  return Math.abs(short * 100 - Math.round(short * 100)) < 1e-9 ? short.toFixed(2) : String(short);
};
