import { z } from "zod";
import { confidence } from "../bounds.ts";
import { level } from "../check.ts";

const SECONDS_PER_DAY = 86_400;
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

const metric = z
  .strictObject({
    /** A program and its arguments. Stack config turns arguments that look like numbers into numbers. */
    command: z
      .array(z.union([z.string(), z.number()], "must be a string").transform(String), {
        error: "must be a list of a program and its arguments, such as [python3, metrics/revenue.py]",
      })
      .min(1, "must name a program"),
    min: z.number().optional(),
    max: z.number().optional(),
    /** Compares the end of the command's interval, instead of its value, with the bound. The command receives this level as CONFIDENCE. */
    confidence: confidence.optional(),
    level,
    /** Timeout of the command; default: 300. */
    timeoutSeconds: z
      .number()
      .gt(0, "must be more than 0 and at most 86400")
      .max(SECONDS_PER_DAY, "must be more than 0 and at most 86400")
      .optional(),
  })
  .refine(({ min, max }) => min !== undefined || max !== undefined, "must have min or max")
  .refine(
    ({ min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }) => min <= max,
    "must not have a min above its max{got}: no model could pass",
  );
export type CustomMetric = z.infer<typeof metric>;

/** Metrics by user-defined name. */
export const customPolicy = z.record(z.string(), metric).superRefine((metrics, context) => {
  for (const name of Object.keys(metrics))
    if (!NAME.test(name))
      context.addIssue({
        code: "custom",
        path: [name],
        message: "must have a name of up to 64 letters, digits, _ and - that starts with a letter",
      });
});
export type CustomPolicy = z.infer<typeof customPolicy>;
