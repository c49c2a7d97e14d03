import type { onnx as Onnx } from "onnx-proto";
import type { ClassName } from "../../data/prediction.ts";
import { classNames } from "./onnx-values.ts";

/** TensorProto.DataType. */
const [FLOAT, INT64] = [1, 7];

/** Classes of an output's columns, by the output's name. */
export type ClassesByOutput = ReadonlyMap<string, readonly ClassName[]>;

/**
 * Removes ZipMaps from a model, in position, and returns the classes of the outputs that they produced. By default, skl2onnx and onnxmltools end a classifier
 * with a ZipMap, which converts the scores to a sequence of maps from class to score. onnxruntime-node cannot return those. The ZipMap's input has the
 * same numbers, so it becomes the output instead, with columns in ascending order of the classes, as in scikit-learn, regardless of the ZipMap's order.
 * A model without a ZipMap does not change.
 */
export function removeZipMaps({ graph }: Onnx.ModelProto): ClassesByOutput {
  const found = new Map<string, readonly ClassName[]>();
  if (!graph) return found;
  for (const zipMap of graph.node?.filter(({ opType }) => opType === "ZipMap") ?? []) {
    const [input = "", name = ""] = [zipMap.input?.[0], zipMap.output?.[0]];
    const keys = classNames(zipMap.attribute ?? []);
    const order = keys.map((_, index) => index).sort((a, b) => compareClasses(keys[a], keys[b]));
    const isSorted = order.every((position, index) => position === index);
    if (isSorted) Object.assign(zipMap, { opType: "Identity", domain: "", attribute: [] });
    else {
      const indices = `${name}/class_order`;
      graph.initializer = [
        ...(graph.initializer ?? []),
        { name: indices, dims: [order.length], dataType: INT64, int64Data: order },
      ];
      const axis = { name: "axis", type: 2, i: 1 };
      Object.assign(zipMap, { opType: "Gather", domain: "", attribute: [axis], input: [input, indices] });
    }
    found.set(
      name,
      order.map((position) => keys[position] as ClassName),
    );
  }
  if (found.size === 0) return found;
  for (const output of graph.output ?? []) {
    if (!output.type?.sequenceType) continue;
    output.type = {
      tensorType: { elemType: FLOAT, shape: { dim: [{ dimParam: "N" }, { dimParam: "classes" }] } },
    };
    // Nodes between the ZipMap and the output pass it through.
    const [only, ...more] = found.values();
    if (only && more.length === 0 && output.name) found.set(output.name, only);
  }
  return found;
}

function compareClasses(a: ClassName | undefined, b: ClassName | undefined): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [one, other] = [String(a), String(b)];
  return one < other ? -1 : one > other ? 1 : 0;
}
