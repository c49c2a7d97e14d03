import { z } from "zod";
import { sizeOf } from "../../data/field.ts";
import { PredictAnswer } from "../contract.ts";
import { isLongNumber } from "../predictor/onnx-values.ts";
import type { ModelInterface } from "./requests.ts";

/** Returns the response schema of `POST /predict` for a model: a number, string, boolean or list of numbers per row. */
export function predictAnswer({ outputs, classAnswers }: ModelInterface) {
  // 64-bit integers beyond 2^53 are strings.
  const is64 = outputs[0]?.datatype.endsWith("INT64");
  const one = is64 && !classAnswers ? z.union([z.number(), z.string()]) : z.number();
  if (!classAnswers) {
    const inner = outputs[0]?.inner ?? [];
    const shape = sizeOf(inner) === 1 ? [] : inner;
    const row = shape.reduce<z.ZodType>((item) => z.array(item), one);
    return z.object({ predictions: z.array(row) }).meta({ id: "PredictAnswer" });
  }
  const datatype = outputs.find(({ role }) => role === "label")?.datatype;
  const { classes, scores, width } = classAnswers;
  const [first] = classes ?? [];
  const name = (type: string) => (type === "string" ? z.string() : type === "boolean" ? z.boolean() : one);
  const isLong = classes?.some(isLongNumber) === true;
  const isText = !isLong && (datatype === "BYTES" || typeof first === "string");
  const predictions = isText
    ? z.array(z.string())
    : datatype === "BOOL" || typeof first === "boolean"
      ? z.array(z.boolean())
      : datatype === "FP64"
        ? z.array(one)
        : PredictAnswer.shape.predictions;
  const isNamed = scores !== undefined && width > 1 && classes?.some((one, index) => one !== index);
  return z
    .object({
      predictions,
      ...(isNamed && { classes: z.array(isLong ? z.union([one, z.string()]) : name(typeof first)) }),
      ...(scores && { [scores]: scores === "scores" ? z.array(z.array(one)) : PredictAnswer.shape.probabilities }),
    })
    .meta({ id: "PredictAnswer" });
}
