import { z } from "zod";
import { type Check, formatRatio } from "../check.ts";

const policy = z.strictObject({
  /** Smallest share of right answers that passes. */
  min: z.number().min(0, "must be between 0 and 1").max(1, "must be between 0 and 1"),
});

/** The share of rows that the model labels as the snapshot does. */
export const accuracy: Check<z.infer<typeof policy>> = {
  name: "accuracy",
  policy,
  judge({ metrics }, { min }) {
    const value = metrics.accuracy;
    const passed = value >= min;
    const detail = `accuracy ${formatRatio(value)} ${passed ? ">=" : "<"} ${formatRatio(min)} required`;
    return { check: "accuracy", passed, detail, value, bound: min };
  },
};
