import type { FloatArray } from "../../../data/number-array.ts";
import type { ClassPrediction, Scores } from "../../../data/prediction.ts";
import { ImpossibleAnswer } from "./answer-rows.ts";

/** A random forest sums its trees' votes in float32 and may reach 1.0000013. A larger excess is not a probability. */
const ROUNDING = 1e-5;

/** Returns the scores if they count as probabilities; checkProbability verifies that they are. */
export const probabilitiesOf = ({ scores }: ClassPrediction): Scores | undefined =>
  scores?.areProbabilities ? scores : undefined;

/** @throws ImpossibleAnswer for a value outside 0 to 1 by more than rounding */
export function checkProbability(value: number, row: number): void {
  if (!(value >= -ROUNDING && value <= 1 + ROUNDING))
    throw new ImpossibleAnswer(`the model's probability for row ${row} is ${value}, but must be between 0 and 1`);
}

/** Clips values outside 0 to 1 in place. */
export function clip(probabilities: FloatArray): void {
  for (let index = 0; index < probabilities.length; index++) {
    const value = probabilities[index] as number;
    if (value > 1) probabilities[index] = 1;
    // Also turns -0 into 0.
    else if (value <= 0) probabilities[index] = 0;
  }
}

/** Returns the machine epsilon of the probabilities' type. */
export const epsilonOf = (data: Scores["data"]): number => (data instanceof Float32Array ? 2 ** -23 : 2 ** -52);
