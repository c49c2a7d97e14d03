import type { ClassName } from "../../../data/prediction.ts";
import { ClassMap } from "../../../data/reader/class-map.ts";
import type { BinaryClasses } from "../../binary-labels.ts";
import { ImpossibleAnswer } from "./answer-rows.ts";
import { LabelReader } from "./label-reader.ts";

/**
 * Maps a detector's labels to 1 for an anomaly and 0 for a normal row. Labels -1 and 1 are scikit-learn's, where -1 is the anomaly, unless -1 is one
 * of the data's own classes. All others are read like a classifier's: the data's classes, or 1 for the positive class and 0.
 * @param names all labels that the model returned or declares; a detector that finds no anomaly returns only one
 * @param classes the data's names of the classes; default: 0 and 1
 * @returns one per name
 * @throws ImpossibleAnswer for an unknown label, and if 1 alone is ambiguous
 */
export function anomalyLabels(names: readonly ClassName[], classes: BinaryClasses | undefined): (0 | 1)[] {
  const ofData = new ClassMap(classes ? [classes.negative, classes.positive] : [0, 1]);
  const areSigned = names.every((name) => name === 1 || name === -1) && ofData.codeOf(-1) === undefined;
  if (areSigned && !names.includes(-1))
    throw new ImpossibleAnswer(
      "the model labels all rows 1, which means normal in scikit-learn (-1 is its anomaly) but an anomaly elsewhere. Name the model's labels in MLmodel's metadata.prediction.classes: [-1, 1] or [0, 1]",
    );
  if (areSigned) return names.map((name) => (name === -1 ? 1 : 0));
  const reader = new LabelReader(classes);
  return names.map((name) => {
    const meaning = reader.read(name);
    if (meaning !== undefined) return meaning;
    throw new ImpossibleAnswer(
      `the model labels rows as ${name}, but an anomaly detector's labels are -1 and 1, or ${reader.names}. Name other classes with data.classes and data.positive`,
    );
  });
}
