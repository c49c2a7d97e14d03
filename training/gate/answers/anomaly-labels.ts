import type { ClassName } from "../../../data/prediction.ts";
import { ClassMap } from "../../../data/reader/class-map.ts";
import type { BinaryClasses } from "../../binary-labels.ts";
import { ImpossibleAnswer } from "./answer-rows.ts";
import { LabelReader } from "./label-reader.ts";

/**
 * Reads a detector's labels as 1 for an anomaly and 0 for a normal row. Labels of -1 and 1 are scikit-learn's, of which -1 is the anomaly, unless -1 is one
 * of the data's own classes. All others are read as those of a classifier: the data's classes, or 1 for the positive one and 0.
 * @param names all labels that the model gave, or names; a detector that finds no anomaly shows one of them alone
 * @param classes how the data name the classes; without them they are 0 and 1
 * @returns one a name
 * @throws ImpossibleAnswer for a label that is neither, and where 1 alone may be either
 */
export function anomalyLabels(names: readonly ClassName[], classes: BinaryClasses | undefined): (0 | 1)[] {
  const ofData = new ClassMap(classes ? [classes.negative, classes.positive] : [0, 1]);
  const areSigned = names.every((name) => name === 1 || name === -1) && ofData.codeOf(-1) === undefined;
  if (areSigned && !names.includes(-1))
    throw new ImpossibleAnswer(
      "the model labels all rows 1, which is normal in scikit-learn (-1 is its anomaly) and an anomaly elsewhere. Name the model's labels in MLmodel's metadata.prediction.classes: [-1, 1] or [0, 1]",
    );
  if (areSigned) return names.map((name) => (name === -1 ? 1 : 0));
  const reader = new LabelReader(classes);
  return names.map((name) => {
    const meaning = reader.read(name);
    if (meaning !== undefined) return meaning;
    throw new ImpossibleAnswer(
      `the model labels rows as ${name}; an anomaly detector's labels are -1 and 1, or ${reader.names}. Other classes are named with data.classes and data.positive`,
    );
  });
}
