import type { ClassName } from "../data/prediction.ts";
import { ClassMap } from "../data/reader/class-map.ts";
import type { Snapshot } from "./snapshot.ts";

/** Names in the data of the classes that the gate numbers 0 (negative) and 1 (positive). */
export interface BinaryClasses {
  readonly negative: ClassName;
  readonly positive: ClassName;
}

export interface BinaryLabels {
  /** 1 for the positive class, 0 for the other; one per row. */
  readonly labels: Int32Array;
  /** Both classes, and which one is positive. Default: the labels are 0 and 1. */
  readonly classes?: BinaryClasses;
}

/** Returns the labels of a snapshot with two classes. @throws Error for another number of classes */
export function binaryLabels({ path, truth, format }: Pick<Snapshot, "path" | "truth" | "format">): BinaryLabels {
  if (truth?.kind !== "classes" || truth.classes.length !== 2)
    throw new Error(
      `${path} has ${truth?.kind === "classes" ? `${truth.classes.length} classes (${truth.classes.join(", ")})` : "no classes"}, but two are required. Name both in data.classes, and the positive one in data.positive`,
    );
  const { classes, codes } = truth;
  const code = new ClassMap(classes).codeOf(format?.positive ?? 1) ?? 1;
  const labels = code === 1 ? codes : codes.map((other) => 1 - other);
  if (!format?.classes) return { labels };
  return { labels, classes: { negative: classes[1 - code] as ClassName, positive: classes[code] as ClassName } };
}
