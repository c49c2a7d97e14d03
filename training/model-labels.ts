import { ClassMap } from "../data/reader/class-map.ts";
import type { BinaryClasses } from "./binary-labels.ts";
import type { LogisticRegression } from "./logistic-regression.ts";

/** A fitted model with its labels. */
export interface LabelledModel {
  readonly model: Pick<LogisticRegression, "coefficients" | "intercept">;
  /** Labels other than 0 and 1, ascending. */
  readonly labels?: readonly [number, number];
}

/**
 * Makes a model that was fitted to 0 and 1 return the data's classes, if these are integers and one of them is 0 or 1. Otherwise the gate would mistake a 1
 * for the class 1. The probabilities then follow the order of the classes, sorted as in scikit-learn. For all other classes, the model returns 1 for
 * the positive class.
 * @throws Error for classes that fit neither case
 */
export function withLabels(model: LabelledModel["model"], classes: BinaryClasses | undefined): LabelledModel {
  if (!classes) return { model };
  const { negative, positive } = classes;
  const map = new ClassMap([negative, positive]);
  if (map.codeOf(0) === undefined && map.codeOf(1) === undefined) return { model };
  const [low, high] = [Number(negative), Number(positive)];
  // A class such as 01 differs from 1.
  if (![low, high].every((label) => Number.isSafeInteger(label) && map.codeOf(label) !== undefined))
    throw new Error(
      `the built-in trainer does not support the classes ${negative} and ${positive}: if one class is 0 or 1, the other must be an integer. Rename the class, or use a trainer of your own`,
    );
  if (low === 0 && high === 1) return { model };
  if (low < high) return { model, labels: [low, high] };
  const { coefficients, intercept } = model;
  return { model: { coefficients: coefficients.map((value) => -value), intercept: -intercept }, labels: [high, low] };
}
