import type { AnsweredRows } from "../metrics/answered-rows.ts";
import { type TooFew, tooFew } from "./interval.ts";

/** Rows of the rarest class that has any. */
export function rarestClass(rows: AnsweredRows): number {
  if (rows.task === "regression") return rows.rows;
  const counts = new Array<number>(rows.classes.length).fill(0);
  for (let row = 0; row < rows.rows; row++)
    counts[rows.labels[row] as number] = (counts[rows.labels[row] as number] as number) + 1;
  return Math.min(...counts.filter((count) => count > 0));
}

/** Says that rows are too few, and about how many would do, where a class has fewer than it needs. */
export function enoughOfEachClass(rows: AnsweredRows, fewest: number): TooFew | undefined {
  if (rows.task === "regression") return undefined;
  const counts = new Array<number>(rows.classes.length).fill(0);
  for (let row = 0; row < rows.rows; row++) {
    const label = rows.labels[row] as number;
    counts[label] = (counts[label] as number) + 1;
  }
  // A class without a row is none of the data's: only the model names it.
  const present = counts.map((count, index) => ({ count, name: rows.classes[index] })).filter(({ count }) => count > 0);
  const rarest = present.toSorted((a, b) => a.count - b.count)[0];
  if (!rarest) return tooFew("no rows");
  if (present.length < 2) return tooFew(`all rows are of class ${rarest.name}`);
  if (rarest.count >= fewest) return undefined;
  const needed = roundUp((fewest * rows.rows) / rarest.count);
  return tooFew(
    `too few rows: ${rarest.count} of class ${rarest.name}, ${fewest} are needed, at this share at least about ${needed} rows`,
  );
}

export const enoughRows = (rows: number, fewest: number): TooFew | undefined =>
  rows >= fewest ? undefined : tooFew(`too few rows: ${rows}, at least about ${fewest} are needed`);

/** To two digits: it is an estimate. */
export function roundUp(rows: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, rows))) - 1);
  return Math.ceil(rows / unit - 1e-9) * unit;
}

/** Rows below which a method's one-sided error was measured to be too large (npm run bench:coverage): of the rarest class for classifiers. */
export const FEWEST = {
  counts: 3,
  /** The same of more than two classes. */
  countsOfMany: 5,
  area: 3,
  averagePrecision: 4,
  distance: 3,
  losses: 3,
  pairedArea: 5,
  /** Rows on which two models differ. */
  differing: 10,
  /** All rows, and those that came true and that did not. */
  calibration: 100,
  calibrationOutcomes: 10,
  /** Rows for each of more than two classes, rare or not. */
  countsPerClass: 20,
  /** All rows of a regressor: those that are hard may be rare. */
  errors: 200,
  squaredErrors: 400,
} as const;
