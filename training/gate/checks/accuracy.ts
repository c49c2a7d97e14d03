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
    // What is below the bound by less than six digits show must not look like it.
    const shown = !passed && formatRatio(value) === formatRatio(min) ? String(value) : formatRatio(value);
    const detail = `accuracy ${shown} ${passed ? ">=" : "<"} ${formatRatio(min)} required`;
    return { check: "accuracy", passed, detail, value, bound: min };
  },
};
