import { type DataFormat, labelsOf } from "../data/reader/data-format.ts";

/** @param reason for the requirement @throws Error for a label with more than two classes or several columns */
export function requireTwoClasses(format: DataFormat | undefined, reason: string): void {
  const { classes } = format ?? {};
  if (classes && classes.length !== 2)
    throw new Error(`data.classes lists ${classes.length} classes, ${classes.join(", ")}: ${reason}`);
  const labels = labelsOf(format ?? {});
  if (labels.length > 1) throw new Error(`data.label names ${labels.length} columns, ${labels.join(", ")}: ${reason}`);
}
