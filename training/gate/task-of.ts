import type { DataFormat } from "../../data/reader/data-format.ts";
import type { LabelKind } from "../../data/reader/label-columns.ts";
import { PredictorError } from "../../service/predictor/errors.ts";
import type { ModelTask } from "../../service/predictor/hints.ts";
import type { OnnxModel } from "../../service/predictor/predictor.ts";
import type { AnomalyScores, Task } from "./metrics/answered-rows.ts";

/** The model does not answer what the policy or the data's classes speak of. */
export class TaskMismatch extends PredictorError {}

/** The tasks that a model's metadata may mean. */
const MEANT: Readonly<Record<ModelTask, readonly Task[]>> = {
  classification: ["binary", "multiclass"],
  binary: ["binary"],
  multiclass: ["multiclass"],
  regression: ["regression"],
  anomaly: ["anomaly"],
};

/** Who names the task, and which one. */
interface Declared {
  readonly task: Task;
  readonly by: string;
}

/**
 * What a model is judged as: the policy's `task` or that of MLmodel's metadata, which must agree. Without both, a model that answers numbers is a
 * regressor, and a classifier is judged by the number of classes that `data.classes` lists, else by those that the model names.
 * @param policyTask the policy's `task`
 * @throws TaskMismatch where the model cannot be judged as what is declared
 */
export function taskOf(
  { classAnswers, hints }: Pick<OnnxModel, "classAnswers" | "hints">,
  policyTask: Task | undefined,
  { classes }: DataFormat = {},
): Task {
  const declared = declaredTask(policyTask, hints?.task);
  if (declared?.task === "anomaly") return "anomaly";
  const known = classes ?? classAnswers?.classes;
  if (!classAnswers) {
    const asked =
      declared && declared.task !== "regression"
        ? `${declared.by} is ${declared.task}`
        : classes && "data.classes names classes";
    if (asked)
      throw new TaskMismatch(
        `the model answers numbers instead of labels, and ${asked}. What its numbers mean is said in MLmodel's metadata.prediction`,
      );
    return "regression";
  }
  if (declared?.task === "regression")
    throw new TaskMismatch(`the model answers labels instead of numbers, and ${declared.by} is regression`);
  if (declared) return declared.task;
  return known && known.length > 2 ? "multiclass" : "binary";
}

/** @throws TaskMismatch where policy and metadata contradict one another */
function declaredTask(policyTask: Task | undefined, modelTask: ModelTask | undefined): Declared | undefined {
  const meant = modelTask && MEANT[modelTask];
  if (policyTask && meant && !meant.includes(policyTask))
    throw new TaskMismatch(
      `gate.task is ${policyTask}, and MLmodel's metadata.prediction.task is ${modelTask}: they must agree. ` +
        `Set gate.task to ${meant.join(" or ")}, or log the model with metadata={"prediction": {"task": "${policyTask}"}}`,
    );
  if (policyTask) return { task: policyTask, by: "gate.task" };
  const [only, ...others] = meant ?? [];
  return only && others.length === 0 ? { task: only, by: "MLmodel's metadata.prediction.task" } : undefined;
}

/**
 * Which end of a detector's scores its anomalies are at: as the policy's `anomalyScores` or MLmodel's metadata say, which must agree. It is not guessed:
 * scikit-learn's scores are low for anomalies, a reconstruction error is high.
 * @returns undefined for another task, and for a detector that gives labels alone
 * @throws TaskMismatch where neither says it, or both contradict one another
 */
export function anomalyScoresOf(
  { classAnswers, hints }: Pick<OnnxModel, "classAnswers" | "hints">,
  task: Task,
  policyScores: AnomalyScores | undefined,
): AnomalyScores | undefined {
  if (task !== "anomaly") {
    if (policyScores)
      throw new TaskMismatch(`gate.anomalyScores is ${policyScores}, and the model is judged as ${task}`);
    return undefined;
  }
  const modelScores = hints?.anomalyScores;
  if (policyScores && modelScores && policyScores !== modelScores)
    throw new TaskMismatch(
      `gate.anomalyScores is ${policyScores}, and MLmodel's metadata.prediction.anomalyScores is ${modelScores}: they must agree. Set gate.anomalyScores to ${modelScores}, or log the model with the other one`,
    );
  const scores = policyScores ?? modelScores;
  if (scores || (classAnswers && !classAnswers.scores)) return scores;
  throw new TaskMismatch(
    "cannot tell which scores are an anomaly's: set gate.anomalyScores to low (scikit-learn's score_samples and decision_function) or high (a reconstruction error, PyOD), or MLmodel's metadata.prediction.anomalyScores",
  );
}

/** What a snapshot's label is read as, for each task. */
const LABELS = { binary: "classes", multiclass: "open-classes", regression: "values", anomaly: "classes" } as const;

export const labelKind = (task: Task): { readonly kind: LabelKind } => ({ kind: LABELS[task] });
