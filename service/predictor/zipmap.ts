import type { onnx as Onnx } from "onnx-proto";
import type { ClassName } from "../../data/prediction.ts";
import { classNames } from "./onnx-values.ts";

/** TensorProto.DataType. */
const [FLOAT, INT64] = [1, 7];

/** Classes by the name of the output whose columns they name. */
export type ClassesByOutput = ReadonlyMap<string, readonly ClassName[]>;

/**
 * Removes ZipMaps from a model, in place, and returns the classes of the outputs that they produced. skl2onnx and onnxmltools end a classifier with one
 * by default: it turns the tensor of scores into a sequence of maps from class to score, which onnxruntime-node cannot return. The ZipMap's input holds
 * the same numbers, so this returns it under the output's name, with columns in ascending order of the classes, as in scikit-learn, whatever order the
 * ZipMap has. A model without a ZipMap does not change.
 */
export function removeZipMaps({ graph }: Onnx.ModelProto): ClassesByOutput {
  const found = new Map<string, readonly ClassName[]>();
  if (!graph) return found;
  for (const zipMap of graph.node?.filter(({ opType }) => opType === "ZipMap") ?? []) {
    const [input = "", name = ""] = [zipMap.input?.[0], zipMap.output?.[0]];
    const keys = classNames(zipMap.attribute ?? []);
    const order = keys.map((_, index) => index).sort((a, b) => compareClasses(keys[a], keys[b]));
    const isSorted = order.every((place, index) => place === index);
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
      order.map((place) => keys[place] as ClassName),
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
