import type { ClassName, Prediction } from "../../../data/prediction.ts";
import { denseTable, type Table } from "../../../data/table.ts";
import type { Signature } from "../../../service/predictor/predictor.ts";

/** Creates a table of float32 rows. */
export const floatTable = (
  { signature }: { readonly signature: Signature },
  rows: readonly (readonly number[])[],
): Table => denseTable(signature.inputs, Float32Array.from(rows.flat()), rows.length);

/** Returns a classifier's labels, as class names. */
export function readClasses(prediction: Prediction) {
  if (prediction.kind !== "classes") throw new Error("the model answers values");
  const { classes, codes, scores } = prediction;
  return {
    labels: [...codes].map((code) => classes[code] as ClassName),
    classes,
    scores: scores?.data,
    width: scores?.width,
  };
}

/** Creates a signature of float32 columns. */
export const floats = (count: number, names?: readonly string[]): Signature => ({
  inputs: Array.from({ length: count }, (_, index) => ({
    name: names?.[index] ?? `${index}`,
    type: "float32",
    nullable: false,
  })),
  isNamed: names !== undefined,
});

/** Creates the prediction of a classifier with the classes 0, 1 and so on, from the probabilities of class 1. */
export function binaryPrediction(labels: readonly number[], positives: readonly number[]): Prediction {
  const classes = [...new Set([0, 1, ...labels])];
  return {
    kind: "classes",
    classes,
    named: classes.length,
    codes: Int32Array.from(labels, (label) => classes.indexOf(label)),
    scores: {
      data: Float32Array.from(positives.flatMap((positive) => [1 - positive, positive])),
      width: 2,
      areProbabilities: true,
    },
  };
}
