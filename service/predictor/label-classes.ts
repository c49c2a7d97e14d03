import type { onnx as Onnx } from "onnx-proto";
import type { ClassName } from "../../data/prediction.ts";
import { attributeOf, classNames, integers, labelsIn, mapOf, textOf } from "./onnx-values.ts";

/** Classes from which the graph selects its labels, in the order of the scores. */
export interface LabelClasses {
  readonly classes: readonly ClassName[];
  /** Whether a label may differ from the class with the largest score. A support vector machine votes for labels, and calibrates probabilities separately. */
  readonly mayDisagree: boolean;
}

/** Operators that pass labels through. Cast does so too, except to strings. */
const PASSING = new Set(["Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten"]);
/** TensorProto.DataType. */
const STRING = 8;
/** Maximum number of nodes between a label and the classifier. */
const MAX_STEPS = 32;

/** A value as a function of the class's index among the scores. */
interface Selection {
  /** Number of indexes; undefined if it is not known, as for ArgMax. */
  readonly count?: number | undefined;
  readonly mayDisagree: boolean;
  readonly at: (index: number) => ClassName | undefined;
}

/** Returns the classes of each output that is a classifier's label, or that a label or the index of the largest score looks up in a constant. */
export function labelClasses(model: Onnx.IModelProto): ReadonlyMap<string, LabelClasses> {
  const nodes = model.graph?.node ?? [];
  const producers = new Map(nodes.flatMap((one) => (one.output ?? []).map((name) => [name, one] as const)));
  const constant = constantsOf(model, producers);

  const selectionOf = (name: string | null | undefined, steps: number): Selection | undefined => {
    const node = producers.get(name ?? "");
    if (!node || steps > MAX_STEPS) return undefined;
    const { opType, input = [], attribute } = node;
    const attributes = attribute ?? [];
    const from = (at: number) => selectionOf(input?.[at], steps + 1);
    const own = classNames(attributes);
    if (opType?.endsWith("Classifier") && own.length > 0 && node.output?.[0] === name)
      return listed(own, opType === "SVMClassifier");
    if (opType === "ArgMax" || (opType === "TopK" && node.output?.[1] === name)) return ANY_INDEX;
    if (opType === "Cast") {
      const source = from(0);
      const isText = Number(attributeOf(attributes, "to")?.i) === STRING;
      return source && isText
        ? translated(source, (value) => (typeof value === "number" ? `${value}` : value))
        : source;
    }
    if (PASSING.has(opType ?? "")) return from(0);
    if (opType === "Gather" || opType === "ArrayFeatureExtractor") {
      const names = constant(input?.[0]);
      return names.length > 0
        ? translated(from(1) ?? ANY_INDEX, (index) => names[Number(index)], names.length)
        : undefined;
    }
    if (opType === "LabelEncoder") {
      const { map, otherwise } = mapOf(attributes);
      if (map.size === 0) return undefined;
      return translated(from(0) ?? ANY_INDEX, (key) => map.get(key) ?? otherwise, map.size);
    }
    return undefined;
  };

  const found = new Map<string, LabelClasses>();
  for (const { name } of model.graph?.output ?? []) {
    const selection = selectionOf(name, 0);
    if (!name || !selection?.count || selection.count < 2) continue;
    const classes = Array.from({ length: selection.count }, (_, index) => selection.at(index));
    if (classes.some((one) => one === undefined) || new Set(classes).size < classes.length) continue;
    found.set(name, { classes: classes as ClassName[], mayDisagree: selection.mayDisagree });
  }
  return found;
}

const listed = (classes: readonly ClassName[], mayDisagree: boolean): Selection => ({
  count: classes.length,
  mayDisagree,
  at: (index) => classes[index],
});

/** The index itself, from ArgMax or an unknown source. The gate compares the labels with the scores. */
const ANY_INDEX: Selection = { mayDisagree: false, at: (index) => index };

const translated = (source: Selection, to: (value: ClassName) => ClassName | undefined, count?: number): Selection => ({
  count: source.count ?? count,
  mayDisagree: source.mayDisagree,
  at: (index) => {
    const value = source.at(index);
    return value === undefined ? undefined : to(value);
  },
});

/** Returns a function that reads an initializer or a Constant node; [] for anything else, and for non-integer numbers. */
function constantsOf({ graph }: Onnx.IModelProto, producers: ReadonlyMap<string, Onnx.INodeProto>) {
  return (name: string | null | undefined): ClassName[] => {
    const node = producers.get(name ?? "");
    if (node?.opType === "Constant") {
      const [value] = node.attribute ?? [];
      if (value?.t) return labelsIn(value.t);
      return value?.strings?.length ? value.strings.map(textOf) : integers(value?.ints ?? []);
    }
    if (node?.opType === "Identity") return constantsOf({ graph }, producers)(node.input?.[0]);
    const tensor = graph?.initializer?.find((one) => one.name === name);
    return tensor ? labelsIn(tensor) : [];
  };
}
