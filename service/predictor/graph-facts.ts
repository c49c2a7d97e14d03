import type { onnx as Onnx } from "onnx-proto";
import type { ClassName } from "../../data/prediction.ts";
import { type ClassesByOutput, classNames } from "./zipmap.ts";

/** What a graph says of its answers and of missing values. */
export interface GraphFacts {
  /** Classes of outputs that were ZipMaps. */
  readonly zipMaps: ClassesByOutput;
  /** Classes by the output whose labels they are. */
  readonly labels: ClassesByOutput;
  /** Classes that the graph's classifiers name, where all of them name the same ones. */
  readonly classes?: readonly ClassName[] | undefined;
  /** Whether it is made for NaN in its inputs: it fills gaps, looks for NaN, or has trees that were grown with missing values. */
  readonly takesMissing: boolean;
}

/** Names without which a graph has nothing to tell: a file without them is not decoded. */
export const TELLING_NAMES = ["classlabels_", "ArrayFeatureExtractor", "Imputer", "IsNaN", "missing_value_tracks_true"];

export const NO_FACTS: GraphFacts = { zipMaps: new Map(), labels: new Map(), takesMissing: false };

/** TensorProto.DataType. */
const [INT32, INT64] = [6, 7];
const MISSING_TRACKS = /^nodes_missing_value_tracks_true$/;

/** Those of the outer graph and of its functions; ZipMaps have been removed. */
export function graphFacts(model: Onnx.IModelProto, zipMaps: ClassesByOutput): GraphFacts {
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
  return { zipMaps, labels: labelClasses(model), classes: isOne ? first : undefined, takesMissing };
}

/** Operators that pass labels on. */
const PASSING = new Set(["Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten"]);

/** Classes of each output that a classifier gives, or that is picked from a constant by the place of the largest score. */
function labelClasses(model: Onnx.IModelProto): ClassesByOutput {
  const { node = [], output = [] } = model.graph ?? {};
  const producers = new Map(node?.flatMap((one) => (one.output ?? []).map((name) => [name, one] as const)));
  const found = new Map<string, readonly ClassName[]>();
  for (const { name } of output ?? []) {
    let producer = producers.get(name ?? "");
    for (let steps = 0; producer && PASSING.has(producer.opType ?? "") && steps < 16; steps++)
      producer = producers.get(producer.input?.[0] ?? "");
    const classes =
      producer?.opType === "ArrayFeatureExtractor"
        ? classConstants(model, producer.input?.[0])
        : classNames(producer?.attribute ?? []);
    if (name && classes.length > 1) found.set(name, classes);
  }
  return found;
}

function classConstants({ graph }: Onnx.IModelProto, name: string | undefined): ClassName[] {
  const found = graph?.initializer?.find((one) => one.name === name);
  const { stringData = [], int64Data = [], int32Data = [], rawData, dataType } = found ?? {};
  if (stringData?.length) return stringData.map((text) => new TextDecoder().decode(text));
  if (int64Data?.length) return int64Data.map(Number);
  if (int32Data?.length) return [...int32Data];
  if (!rawData?.length || (dataType !== INT32 && dataType !== INT64)) return [];
  const bytes = rawData.slice();
  return dataType === INT64 ? Array.from(new BigInt64Array(bytes.buffer), Number) : [...new Int32Array(bytes.buffer)];
}

const hasOne = (tensor: Onnx.ITensorProto | null | undefined): boolean =>
  tensor?.int32Data?.some((one) => one === 1) === true || tensor?.rawData?.some((byte) => byte === 1) === true;
