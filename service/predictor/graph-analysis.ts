import type { onnx as Onnx } from "onnx-proto";
import type { ClassName } from "../../data/prediction.ts";
import { type ClassifierOutputs, columnLabels, type Encode } from "./column-labels.ts";
import { type LabelClasses, labelClasses } from "./label-classes.ts";
import { classNames } from "./onnx-values.ts";
import type { ClassesByOutput } from "./zipmap.ts";

/** What the graph reveals about its outputs and its handling of missing values. */
export interface GraphAnalysis {
  /** Classes of outputs that were ZipMaps. */
  readonly zipMaps: ClassesByOutput;
  /** Classes of each label output, by its name. */
  readonly labels: ReadonlyMap<string, LabelClasses>;
  /** Classes that the graph's classifiers name, if all of them agree. */
  readonly classes?: readonly ClassName[] | undefined;
  /** Whether the graph handles NaN in its inputs: it imputes values, tests for NaN, or has trees trained with missing values. */
  readonly takesMissing: boolean;
  /** See columnLabels. */
  readonly columnLabels?: (outputs: ClassifierOutputs) => readonly ClassName[] | undefined;
}

/** Names that make a file worth decoding. A graph without any of them reveals nothing. */
export const REVEALING_NAMES = [
  "classlabels_",
  "ArrayFeatureExtractor",
  "LabelEncoder",
  "Gather",
  // Integers computed from floats: only running the end of the graph reveals such labels.
  "ArgMax",
  "TopK",
  "Cast",
  "Where",
  "Imputer",
  "IsNaN",
  "missing_value_tracks_true",
];

export const EMPTY_ANALYSIS: GraphAnalysis = { zipMaps: new Map(), labels: new Map(), takesMissing: false };

const MISSING_TRACKS = /^nodes_missing_value_tracks_true$/;

/** Analyzes the graph and its functions, after removal of the ZipMaps. */
export function analyzeGraph(model: Onnx.IModelProto, zipMaps: ClassesByOutput, encode: Encode): GraphAnalysis {
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
    columnLabels: (outputs) => columnLabels(model, outputs, encode),
  };
}

const hasOne = (tensor: Onnx.ITensorProto | null | undefined): boolean =>
  tensor?.int32Data?.some((one) => one === 1) === true || tensor?.rawData?.some((byte) => byte === 1) === true;
