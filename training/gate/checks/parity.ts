import { z } from "zod";
import { atMost, compare, inconclusive, ratio } from "../bounds.ts";
import type { CheckResult } from "../check.ts";
import type { Evaluation } from "../evaluation.ts";
import type { StoredPredictions } from "../stored-predictions.ts";

export const parityPolicy = z
  .strictObject({
    /** Share of rows whose stored label is not the served one. */
    flips: atMost(ratio).optional(),
    /** Largest difference of a stored and a served probability. */
    difference: atMost(ratio).optional(),
  })
  .refine(({ flips, difference }) => flips || difference, "must have flips or difference");

/** Holds what the trainer's own code predicted against what will be served. @param stored a text says why there is nothing */
export function judgeParity(
  { predicted, positive, rows }: Evaluation,
  stored: StoredPredictions | string,
  { flips, difference }: z.infer<typeof parityPolicy>,
): CheckResult[] {
  const group = "parity";
  const asked = [
    ["flips", flips],
    ["difference", difference],
  ] as const;
  const open = (why: string) =>
    asked.flatMap(([key, bound]) =>
      bound ? [inconclusive({ check: `parity.${key}`, group, level: bound.level }, why)] : [],
    );
  if (typeof stored === "string") return open(stored);
  if (stored.labels.length !== rows)
    return open(`the trainer stored ${stored.labels.length} predictions for ${rows} rows`);
  const results: CheckResult[] = [];
  const why = `${rows} predictions that the trainer stored`;
  if (flips) {
    let count = 0;
    for (let row = 0; row < rows; row++) if (stored.labels[row] !== predicted[row]) count++;
    const label = "labels served otherwise than the trainer predicted";
    results.push(
      compare({
        check: "parity.flips",
        group,
        relation: "<=",
        label,
        value: count / rows,
        bound: flips.max,
        level: flips.level,
        why,
      }),
    );
  }
  if (difference && positive && stored.positive) {
    let largest = 0;
    for (let row = 0; row < rows; row++)
      largest = Math.max(largest, Math.abs((stored.positive[row] as number) - (positive[row] as number)));
    const label = "largest difference of a probability to the trainer's";
    results.push(
      compare({
        check: "parity.difference",
        group,
        relation: "<=",
        label,
        value: largest,
        bound: difference.max,
        level: difference.level,
        why,
      }),
    );
  } else if (difference)
    results.push(
      inconclusive(
        { check: "parity.difference", group, level: difference.level },
        `${positive ? "the trainer stored" : "the model gives"} no probabilities`,
      ),
    );
  return results;
}
