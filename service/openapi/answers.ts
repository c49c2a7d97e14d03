import { z } from "zod";
import { PredictAnswer } from "../contract.ts";
import type { ModelOutput } from "../predictor/predictor.ts";

/** What `POST /predict` answers for this very model: a number, a text, or a list of numbers a row. */
export function predictAnswer(outputs: readonly ModelOutput[]) {
  const role = (wanted: ModelOutput["role"]) => outputs.find((output) => output.role === wanted);
  const values = role("values");
  const width = values?.inner.reduce((product, size) => product * size, 1);
  const one = z.number();
  const predictions = values
    ? width === 1
      ? z.array(one)
      : z.array(z.array(one))
    : role("label")?.datatype === "BYTES"
      ? z.array(z.string())
      : PredictAnswer.shape.predictions;
  const { probabilities } = PredictAnswer.shape;
  return z
    .object(role("probabilities") ? { predictions, probabilities } : { predictions })
    .meta({ id: "PredictAnswer" });
}
