import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import type { Model } from "../graphs.ts";
import { onnx } from "../scene.ts";

const FIXTURE = join(import.meta.dirname, "../../../../fixtures/gate-anomaly/distance");
export const COLUMNS = ["temperature", "pressure", "vibration"] as const;

/** Scores a row by its squared distance from the mean below a threshold: low for anomalies, like scikit-learn's decision_function. */
export interface Detector {
  readonly mean: readonly number[];
  readonly scale: readonly number[];
  /** Of the squared distance; anomalies exceed it. */
  readonly threshold: number;
}

export const scoreOf = ({ mean, scale, threshold }: Detector, features: readonly number[]): number =>
  threshold -
  features.reduce((sum, value, place) => sum + ((value - (mean[place] as number)) / (scale[place] as number)) ** 2, 0);

const original = onnx.ModelProto.decode(await readFile(join(FIXTURE, "model.onnx")));
const mlmodel = parse(await readFile(join(FIXTURE, "MLmodel"), "utf8"));

/** Writes the detector with a label and a score, and optionally other metadata. */
export async function writeDetector(
  folder: string,
  { mean, scale, threshold }: Detector,
  {
    graph,
    prediction,
  }: { readonly graph?: ((model: Model) => void) | undefined; readonly prediction?: object | undefined } = {},
): Promise<string> {
  const model = onnx.ModelProto.decode(onnx.ModelProto.encode(original).finish());
  const { FLOAT, INT64 } = onnx.TensorProto.DataType;
  const column = (name: string, elemType: number) => ({
    name,
    type: { tensorType: { elemType, shape: { dim: [{ dimParam: "N" }, { dimValue: 1 }] } } },
  });
  const floats = (name: string, floatData: readonly number[]) => ({
    name,
    dims: [floatData.length],
    dataType: FLOAT,
    floatData: [...floatData],
  });
  const whole = (name: string, value: number) => ({ name, dims: [1], dataType: INT64, int64Data: [value] });
  const kept = model.graph?.initializer?.filter(({ name }) => name === "axes") ?? [];
  Object.assign(model.graph ?? {}, {
    initializer: [
      ...kept,
      floats("mean", mean),
      floats("scale", scale),
      floats("threshold", [threshold]),
      floats("zero", [0]),
      whole("anomaly", -1),
      whole("normal", 1),
    ],
    output: [column("label", INT64), column("scores", FLOAT)],
  });
  model.graph?.node?.push(
    { opType: "Sub", input: ["threshold", "distance"], output: ["scores"] },
    { opType: "Less", input: ["scores", "zero"], output: ["isAnomaly"] },
    { opType: "Where", input: ["isAnomaly", "anomaly", "normal"], output: ["label"] },
  );
  graph?.(model);
  await mkdir(folder);
  await writeFile(join(folder, "model.onnx"), onnx.ModelProto.encode(model).finish());
  await writeFile(
    join(folder, "MLmodel"),
    JSON.stringify({ ...mlmodel, ...(prediction && { metadata: { prediction } }) }),
  );
  return folder;
}
