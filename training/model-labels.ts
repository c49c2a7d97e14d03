import { ClassMap } from "../data/reader/class-map.ts";
import type { BinaryClasses } from "./binary-labels.ts";
import type { LogisticRegression } from "./logistic-regression.ts";

/** A fitted model with the labels that it answers. */
export interface LabelledModel {
  readonly model: Pick<LogisticRegression, "coefficients" | "intercept">;
  /** Labels instead of 0 and 1, ascending. */
  readonly labels?: readonly [number, number];
}

/**
 * Lets a model that was fitted to 0 and 1 answer the data's classes where these are whole numbers and one of them is 0 or 1 itself: the gate would take a 1
 * for the class 1. Its probabilities then stand in the order of the classes, as scikit-learn sorts them. All other classes are answered as 1 for
 * the positive one.
 * @throws Error for classes that neither will do for
 */
export function withLabels(model: LabelledModel["model"], classes: BinaryClasses | undefined): LabelledModel {
  if (!classes) return { model };
  const { negative, positive } = classes;
  const map = new ClassMap([negative, positive]);
  if (map.codeOf(0) === undefined && map.codeOf(1) === undefined) return { model };
  const [low, high] = [Number(negative), Number(positive)];
  // A class such as 01 is another one than 1.
  if (![low, high].every((label) => Number.isSafeInteger(label) && map.codeOf(label) !== undefined))
    throw new Error(
      `the built-in trainer fits no model to the classes ${negative} and ${positive}: where one class is 0 or 1, the other must be a whole number. Rename the class, or use a trainer of your own`,
    );
  if (low === 0 && high === 1) return { model };
  if (low < high) return { model, labels: [low, high] };
  const { coefficients, intercept } = model;
  return { model: { coefficients: coefficients.map((value) => -value), intercept: -intercept }, labels: [high, low] };
}
