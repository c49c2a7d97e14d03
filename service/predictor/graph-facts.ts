import type { onnx as Onnx } from "onnx-proto";
import type { ClassName } from "../../data/prediction.ts";
import { type Answering, columnLabels, type Encode } from "./column-labels.ts";
import { type LabelClasses, labelClasses } from "./label-classes.ts";
import { classNames } from "./onnx-values.ts";
import type { ClassesByOutput } from "./zipmap.ts";

/** What a graph says of its answers and of missing values. */
export interface GraphFacts {
  /** Classes of outputs that were ZipMaps. */
  readonly zipMaps: ClassesByOutput;
  /** Classes by the output whose labels they are. */
  readonly labels: ReadonlyMap<string, LabelClasses>;
  /** Classes that the graph's classifiers name, where all of them name the same ones. */
  readonly classes?: readonly ClassName[] | undefined;
  /** Whether it is made for NaN in its inputs: it fills gaps, looks for NaN, or has trees that were grown with missing values. */
  readonly takesMissing: boolean;
  /** See columnLabels. */
  readonly columnLabels?: (answering: Answering) => readonly ClassName[] | undefined;
}

/** Names without which a graph has nothing to tell: a file without them is not decoded. */
export const TELLING_NAMES = [
  "classlabels_",
  "ArrayFeatureExtractor",
  "LabelEncoder",
  "Gather",
  // Integers of floats: labels that only a run of the graph's end tells.
  "ArgMax",
  "TopK",
  "Cast",
  "Where",
  "Imputer",
  "IsNaN",
  "missing_value_tracks_true",
];

export const NO_FACTS: GraphFacts = { zipMaps: new Map(), labels: new Map(), takesMissing: false };

const MISSING_TRACKS = /^nodes_missing_value_tracks_true$/;

/** Those of the outer graph and of its functions; ZipMaps have been removed. */
export function graphFacts(model: Onnx.IModelProto, zipMaps: ClassesByOutput, encode: Encode): GraphFacts {
  const named: (readonly ClassName[])[] = [];
  let takesMissing = false;
  const nodes = [...(model.graph?.node ?? []), ...(model.functions ?? []).flatMap(({ node }) => node ?? [])];
  for (const { opType, attribute } of nodes) {
    const classes = classNames(attribute ?? []);
    if (classes.length > 0) named.push(classes);
    takesMissing ||=
      opType === "Imputer" ||
      opType === "IsNaN" ||
      (attribute ?? []).some(
        ({ name, ints, t }) => MISSING_TRACKS.test(name ?? "") && (ints?.some((one) => Number(one) === 1) || hasOne(t)),
      );
  }
  const [first, ...others] = named;
  const isOne = first && others.every((other) => JSON.stringify(other) === JSON.stringify(first));
  return {
    zipMaps,
    labels: labelClasses(model),
    classes: isOne ? first : undefined,
    takesMissing,
    columnLabels: (answering) => columnLabels(model, answering, encode),
  };
}

const hasOne = (tensor: Onnx.ITensorProto | null | undefined): boolean =>
  tensor?.int32Data?.some((one) => one === 1) === true || tensor?.rawData?.some((byte) => byte === 1) === true;
