import type { ClassName } from "../../../data/prediction.ts";
import { ClassMap } from "../../../data/reader/class-map.ts";
import type { BinaryClasses } from "../../binary-labels.ts";

/**
 * Reads a model's labels as 1 for the positive class and 0 for the other. A model may answer the data's own classes, or 1 for the positive one and 0: where
 * the data's classes are 0 or 1 themselves, these always mean the classes.
 */
export class LabelReader {
  readonly #classes: BinaryClasses | undefined;
  readonly #map: ClassMap;
  readonly #isCoded: boolean;

  constructor(classes: BinaryClasses | undefined) {
    this.#classes = classes;
    this.#map = new ClassMap(classes ? [classes.negative, classes.positive] : [0, 1]);
    this.#isCoded = this.#map.codeOf(0) === undefined && this.#map.codeOf(1) === undefined;
  }

  /** Undefined for a label that is none of the classes. */
  read(label: ClassName): 0 | 1 | undefined {
    if (!this.#classes) return label === 0 || label === 1 ? label : undefined;
    const code = this.#map.codeOf(label) ?? this.#truthOf(label);
    return code as 0 | 1 | undefined;
  }

  /** Where the positive class's probability stands, in a model that gave this label. Libraries sort classes; 0 and 1 stand in that order. */
  positiveColumn(label: ClassName): 0 | 1 {
    if (!this.#classes || this.#map.codeOf(label) === undefined) return this.#truthOf(1) ?? 1;
    const { negative, positive } = this.#classes;
    const isFirst = typeof label === "number" ? Number(positive) < Number(negative) : isBefore(positive, negative);
    return isFirst ? 0 : 1;
  }

  /** How the classes are called in a message. */
  get names(): string {
    const { negative, positive } = this.#classes ?? { negative: 0, positive: 1 };
    return `${negative} and ${positive}${this.#isCoded ? ", or 0 and 1" : ""}`;
  }

  #truthOf(label: ClassName): 0 | 1 | undefined {
    if (!this.#isCoded || (label !== 0 && label !== 1)) return undefined;
    // A model of booleans answers 0 for false, whichever is positive.
    return (this.#map.codeOf(label === 1) as 0 | 1 | undefined) ?? label;
  }
}

/** As Python sorts texts: by code points. */
const isBefore = (first: ClassName, second: ClassName) =>
  Buffer.compare(Buffer.from(String(first)), Buffer.from(String(second))) < 0;
