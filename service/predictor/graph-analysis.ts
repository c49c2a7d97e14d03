import type { onnx as Onnx } from "onnx-proto";
import type { ClassName } from "../../data/prediction.ts";
import { type Answering, columnLabels, type Encode } from "./column-labels.ts";
import { type LabelClasses, labelClasses } from "./label-classes.ts";
import { classNames } from "./onnx-values.ts";
import type { ClassesByOutput } from "./zipmap.ts";

/** What a graph reveals about its outputs and about missing values. */
export interface GraphAnalysis {
  /** Classes of outputs that were ZipMaps. */
  readonly zipMaps: ClassesByOutput;
  /** Classes by the label output that returns them. */
  readonly labels: ReadonlyMap<string, LabelClasses>;
  /** Classes named by the graph's classifiers, if all of them agree. */
  readonly classes?: readonly ClassName[] | undefined;
  /** Whether the graph handles NaN in its inputs: it imputes, tests for NaN, or has trees trained with missing values. */
  readonly takesMissing: boolean;
  /** See columnLabels. */
  readonly columnLabels?: (answering: Answering) => readonly ClassName[] | undefined;
}

/** A graph without any of these names reveals nothing: its file is not decoded. */
export const TELLING_NAMES = [
  "classlabels_",
  "ArrayFeatureExtractor",
  "LabelEncoder",
  "Gather",
  // Integers computed from floats: only running the graph's end reveals such labels.
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
    columnLabels: (answering) => columnLabels(model, answering, encode),
  };
}

const hasOne = (tensor: Onnx.ITensorProto | null | undefined): boolean =>
  tensor?.int32Data?.some((one) => one === 1) === true || tensor?.rawData?.some((byte) => byte === 1) === true;
