import type { onnx as Onnx } from "onnx-proto";
import type { InferenceSession, OnnxValue } from "onnxruntime-node";
import type { ClassName } from "../../data/prediction.ts";
import { NativeSession } from "./native-session.ts";
import { exactName } from "./onnx-values.ts";
import type { PlainTensor } from "./tensor.ts";

/** A classifier's label and score outputs. */
export interface ClassifierOutputs {
  readonly label: string;
  readonly scores: string;
  /** Type of the scores. */
  readonly type: "float32" | "float64";
  /** Scores per row. A single score belongs to the second of two classes. */
  readonly width: number;
}

/** Encodes a model. Injected, because loading the protobuf library is expensive. */
export type Encode = (model: Onnx.IModelProto) => Uint8Array;

type Pair = readonly [column: number, label: ClassName];

/** TensorProto.DataType. */
const ELEMENTS = { float32: 1, float64: 11 } as const;
/** Values of the other columns and of the highest one: as probabilities, and as logits. */
const VALUES = [
  [0, 1],
  [-16, 16],
] as const;
/** Maximum number of tensors to try. */
const MAX_CUTS = 16;

/**
 * Determines the labels of the score columns, in order, by experiment. Runs the last part of the graph, which starts at a single tensor that determines both
 * label and scores, with each column highest once. Returns undefined if no such part gives each column a distinct label.
 */
export function columnLabels(
  model: Onnx.IModelProto,
  outputs: ClassifierOutputs,
  encode: Encode,
): readonly ClassName[] | undefined {
  const count = outputs.width === 1 ? 2 : outputs.width;
  for (const { cut, part } of lastParts(model, outputs)) {
    // With two classes, one value may determine both columns.
    for (const width of new Set([outputs.width, ...(count === 2 ? [1] : [])])) {
      const labels = labelsBy(encode(withInput(part, cut, ELEMENTS[outputs.type])), cut, width, outputs);
      if (labels) return labels;
    }
  }
  return undefined;
}

interface LastPart {
  /** The tensor at which it starts. */
  readonly cut: string;
  readonly part: Onnx.IModelProto;
}

/** Yields the parts of the graph that lead from a single tensor to both outputs, shortest first. */
function* lastParts(model: Onnx.IModelProto, { label, scores }: ClassifierOutputs): Generator<LastPart> {
  const nodes = model.graph?.node ?? [];
  const producers = new Map(nodes.flatMap((one) => (one.output ?? []).map((name) => [name, one] as const)));
  const known = new Set((model.graph?.initializer ?? []).map(({ name }) => name ?? ""));
  const cuts = [scores];
  for (const cut of cuts) {
    const needed = neededFor([label, scores], cut, producers, known);
    if (needed)
      yield {
        cut,
        part: {
          ...model,
          graph: {
            name: "labels",
            node: nodes.filter((node) => needed.nodes.has(node)),
            initializer: model.graph?.initializer?.filter(({ name }) => needed.tensors.has(name ?? "")) ?? [],
            output: model.graph?.output?.filter(({ name }) => name === label || name === scores) ?? [],
          },
        },
      };
    if (cuts.length >= MAX_CUTS) continue;
    for (const name of producers.get(cut)?.input ?? [])
      if (producers.has(name) && !cuts.includes(name)) cuts.push(name);
  }
}

/** Returns the nodes and tensors from the cut to the outputs; undefined if the outputs also depend on an input of the model. */
function neededFor(
  outputs: readonly string[],
  cut: string,
  producers: ReadonlyMap<string, Onnx.INodeProto>,
  known: ReadonlySet<string>,
) {
  const nodes = new Set<Onnx.INodeProto>();
  const tensors = new Set<string>();
  const open = [...outputs];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    // An omitted optional input has an empty name.
    if (name === cut || name === "" || tensors.has(name)) continue;
    tensors.add(name);
    const node = producers.get(name);
    if (!node && !known.has(name)) return undefined;
    if (!node || nodes.has(node)) continue;
    nodes.add(node);
    open.push(...(node.input ?? []));
  }
  return { nodes, tensors };
}

/** Makes the cut the only input. If it is also an output, outputs a copy instead, because an output cannot be an input. */
function withInput({ graph, ...model }: Onnx.IModelProto, cut: string, elemType: number): Onnx.IModelProto {
  const copy = `${cut}/copy`;
  const isOutput = graph?.output?.some(({ name }) => name === cut);
  return {
    ...model,
    graph: {
      ...graph,
      input: [{ name: cut, type: { tensorType: { elemType } } }],
      node: [...(graph?.node ?? []), ...(isOutput ? [{ opType: "Identity", input: [cut], output: [copy] }] : [])],
      // Declared shapes describe a whole batch and may be wrong.
      output: (graph?.output ?? []).map(({ name, type }) => ({
        name: name === cut ? copy : name,
        type: { tensorType: { elemType: type?.tensorType?.elemType } },
      })),
    },
  };
}

function labelsBy(
  bytes: Uint8Array,
  cut: string,
  width: number,
  { label, scores, type, ...outputs }: ClassifierOutputs,
): readonly ClassName[] | undefined {
  let session: NativeSession | undefined;
  try {
    session = new NativeSession(bytes, OPTIONS);
    const scoresName = session.outputs.find(({ name }) => name !== label)?.name ?? scores;
    for (const [behind, front] of VALUES)
      for (const isFlat of width === 1 ? [true, false] : [false]) {
        const feed = onePerColumn(width, behind, front, { type, isFlat });
        const answer = session.run({ [cut]: feed }, { [label]: null, [scoresName]: null });
        const found = inColumns(pairsIn(answer[label], answer[scoresName], outputs.width), outputs.width);
        if (found) return found;
      }
  } catch {
    // This part does not qualify, for example because the tensor has another type or shape.
  } finally {
    session?.release();
  }
  return undefined;
}

const OPTIONS: InferenceSession.SessionOptions = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 };

/** Creates one row per column, in which that column is highest. For a single column, also creates a row in which it is lowest. */
function onePerColumn(
  width: number,
  behind: number,
  front: number,
  { type, isFlat }: { readonly type: ClassifierOutputs["type"]; readonly isFlat: boolean },
): PlainTensor {
  const rows = width === 1 ? 2 : width;
  const values = Array.from({ length: rows * width }, (_, at) =>
    width === 1 ? (at === 1 ? front : behind) : at % width === Math.floor(at / width) ? front : behind,
  );
  const data = type === "float64" ? Float64Array.from(values) : Float32Array.from(values);
  return { type, data, dims: isFlat ? [rows] : [rows, width], location: "cpu" };
}

/** Returns each row's highest column and label. */
function pairsIn(label: OnnxValue | undefined, scores: OnnxValue | undefined, width: number): readonly Pair[] {
  if (!label || !scores || !("dims" in label) || !("dims" in scores)) return [];
  const labels = namesIn(label);
  const values = Array.from(scores.data as Float32Array);
  if (values.length !== labels.length * width) return [];
  return labels.flatMap((name, row): Pair[] => {
    const own = values.slice(row * width, (row + 1) * width);
    const largest = Math.max(...own);
    if (width === 1) return [[largest > Math.min(...values) ? 1 : 0, name]];
    return own.filter((value) => value === largest).length === 1 ? [[own.indexOf(largest), name]] : [];
  });
}

const namesIn = ({ type, data }: { readonly type: string; readonly data: unknown }): ClassName[] =>
  Array.from(data as ArrayLike<string | number | bigint>, (value) =>
    type === "bool" ? Boolean(value) : typeof value === "bigint" ? exactName(value) : value,
  );

/** Returns one label per column; undefined unless all are known and distinct. */
function inColumns(pairs: readonly Pair[], width: number): readonly ClassName[] | undefined {
  const count = width === 1 ? 2 : width;
  const labels = new Map(pairs);
  if (pairs.length !== count || labels.size !== count || new Set(labels.values()).size !== count) return undefined;
  return Array.from({ length: count }, (_, column) => labels.get(column) as ClassName);
}
