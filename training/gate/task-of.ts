import type { DataFormat } from "../../data/reader/data-format.ts";
import type { LabelKind } from "../../data/reader/label-columns.ts";
import { PredictorError } from "../../service/predictor/errors.ts";
import type { OnnxModel } from "../../service/predictor/predictor.ts";
import type { Task } from "./metrics/answered-rows.ts";

/** The model does not answer what the policy or the data's classes speak of. */
export class TaskMismatch extends PredictorError {}

/**
 * What a model is judged as. A model that answers numbers is a regressor. A classifier is judged by the number of classes that `data.classes` lists,
 * else by those that the model names.
 * @param declared the policy's `task`
 * @throws TaskMismatch where the model cannot be judged as what is declared
 */
export function taskOf(
  { classAnswers }: Pick<OnnxModel, "classAnswers">,
  declared: Task | undefined,
  { classes }: DataFormat = {},
): Task {
  if (!classAnswers) {
    const asked =
      declared && declared !== "regression" ? `gate.task is ${declared}` : classes && "data.classes names classes";
    if (asked)
      throw new TaskMismatch(
        `the model answers numbers instead of labels, and ${asked}. What its numbers mean is said in MLmodel's metadata.prediction`,
      );
    return "regression";
  }
  if (declared === "regression")
    throw new TaskMismatch("the model answers labels instead of numbers, and gate.task is regression");
  if (declared) return declared;
  const known = classes ?? classAnswers.classes;
  return known && known.length > 2 ? "multiclass" : "binary";
}

/** What a snapshot's label is read as, for each task. */
const LABELS = { binary: "classes", multiclass: "open-classes", regression: "values" } as const;

export const labelKind = (task: Task): { readonly kind: LabelKind } => ({ kind: LABELS[task] });
