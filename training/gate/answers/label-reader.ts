import type { ClassName } from "../../../data/prediction.ts";
import { ClassMap } from "../../../data/reader/class-map.ts";
import type { BinaryClasses } from "../../binary-labels.ts";

/**
 * Maps a model's labels to 1 for the positive class and 0 for the other. A model may return the data's own classes, or 1 for the positive class and 0. If
 * the data's classes include 0 or 1, these always mean the classes.
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

  /** Undefined for an unknown label. */
  read(label: ClassName): 0 | 1 | undefined {
    if (!this.#classes) return label === 0 || label === 1 ? label : undefined;
    const code = this.#map.codeOf(label) ?? this.#truthOf(label);
    return code as 0 | 1 | undefined;
  }

  /** Column of the positive class's probability in a model that returned this label. Libraries sort classes, so 0 precedes 1. */
  positiveColumn(label: ClassName): 0 | 1 {
    if (!this.#classes || this.#map.codeOf(label) === undefined) return this.#truthOf(1) ?? 1;
    const { negative, positive } = this.#classes;
    const isFirst = typeof label === "number" ? Number(positive) < Number(negative) : isBefore(positive, negative);
    return isFirst ? 0 : 1;
  }

  /** Names of the classes in messages. */
  get names(): string {
    const { negative, positive } = this.#classes ?? { negative: 0, positive: 1 };
    return `${negative} and ${positive}${this.#isCoded ? ", or 0 and 1" : ""}`;
  }

  #truthOf(label: ClassName): 0 | 1 | undefined {
    if (!this.#isCoded || (label !== 0 && label !== 1)) return undefined;
    // A model with boolean labels returns 0 for false, whichever class is positive.
    return (this.#map.codeOf(label === 1) as 0 | 1 | undefined) ?? label;
  }
}

/** Sorts texts like Python: by code points. */
const isBefore = (first: ClassName, second: ClassName) =>
  Buffer.compare(Buffer.from(String(first)), Buffer.from(String(second))) < 0;
