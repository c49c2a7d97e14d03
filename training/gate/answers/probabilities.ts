import type { FloatArray } from "../../../data/number-array.ts";
import type { ClassPrediction, Scores } from "../../../data/prediction.ts";
import { ImpossibleAnswer } from "./answer-rows.ts";

/** A random forest adds its trees' votes in float32, and may come to 1.0000013. What is further off is no probability. */
const ROUNDING = 1e-5;

/** What is taken for a probability and is none is found when it is looked at. */
export const probabilitiesOf = ({ scores }: ClassPrediction): Scores | undefined =>
  scores?.areProbabilities ? scores : undefined;

/** @throws ImpossibleAnswer for what is beyond 0 and 1 by more than rounding */
export function checkProbability(value: number, row: number): void {
  if (!(value >= -ROUNDING && value <= 1 + ROUNDING))
    throw new ImpossibleAnswer(`the model's probability for row ${row} is ${value}, it must be between 0 and 1`);
}

/** Takes rounding beyond 0 and 1 away, in place. */
export function clip(probabilities: FloatArray): void {
  for (let index = 0; index < probabilities.length; index++) {
    const value = probabilities[index] as number;
    if (value > 1) probabilities[index] = 1;
    // Also -0: it counts as 0 everywhere.
    else if (value <= 0) probabilities[index] = 0;
  }
}

/** Machine epsilon of the type that probabilities are given in. */
export const epsilonOf = (data: Scores["data"]): number => (data instanceof Float32Array ? 2 ** -23 : 2 ** -52);
