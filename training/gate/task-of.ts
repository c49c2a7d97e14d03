import type { DataFormat } from "../../data/reader/data-format.ts";
import type { LabelKind } from "../../data/reader/label-columns.ts";
import { PredictorError } from "../../service/predictor/errors.ts";
import type { ModelTask } from "../../service/predictor/hints.ts";
import type { OnnxModel } from "../../service/predictor/predictor.ts";
import type { AnomalyScores, Task } from "./metrics/answered-rows.ts";
import { labelsPerRow, MULTI_LABEL_HINT } from "./multi-label.ts";

/** The model's outputs do not match the policy's task or the data's classes. */
export class TaskMismatch extends PredictorError {}

/** Tasks of the gate that match a task in a model's metadata. */
const MEANT: Readonly<Record<ModelTask, readonly Task[]>> = {
  classification: ["binary", "multiclass"],
  binary: ["binary"],
  multiclass: ["multiclass"],
  regression: ["regression"],
  anomaly: ["anomaly"],
};

/** A declared task and its source. */
interface Declared {
  readonly task: Task;
  readonly by: string;
}

/**
 * Determines a model's task: the policy's `task` or that of MLmodel's metadata, which must agree. Without either, a model that returns numbers is a
 * regressor, and a classifier's task follows from the number of classes in `data.classes`, else from those that the model names.
 * @param policyTask the policy's `task`
 * @throws TaskMismatch if the model's outputs contradict the declared task
 */
export function taskOf(
  { classAnswers, hints, outputs }: Pick<OnnxModel, "classAnswers" | "hints"> & Partial<Pick<OnnxModel, "outputs">>,
  policyTask: Task | undefined,
  { classes }: DataFormat = {},
): Task {
  const declared = declaredTask(policyTask, hints?.task);
  if (declared?.task === "anomaly") return "anomaly";
  const knownClasses = classes ?? classAnswers?.classes;
  if (!classAnswers) {
    const expectation =
      declared && declared.task !== "regression"
        ? `${declared.by} is ${declared.task}`
        : classes && "data.classes names classes";
    const labels = labelsPerRow(outputs);
    if (expectation && labels !== undefined)
      throw new TaskMismatch(`the model returns ${labels} labels per row, but ${expectation}: ${MULTI_LABEL_HINT}`);
    if (expectation)
      throw new TaskMismatch(
        `the model returns numbers instead of labels, but ${expectation}. Declare what they mean in MLmodel's metadata.prediction`,
      );
    return "regression";
  }
  if (declared?.task === "regression")
    throw new TaskMismatch(`the model returns labels instead of numbers, but ${declared.by} is regression`);
  if (declared) return declared.task;
  return knownClasses && knownClasses.length > 2 ? "multiclass" : "binary";
}

/** @throws TaskMismatch if policy and metadata contradict each other */
function declaredTask(policyTask: Task | undefined, modelTask: ModelTask | undefined): Declared | undefined {
  const meant = modelTask && MEANT[modelTask];
  if (policyTask && meant && !meant.includes(policyTask))
    throw new TaskMismatch(
      `gate.task is ${policyTask}, but MLmodel's metadata.prediction.task is ${modelTask}. ` +
        `Set gate.task to ${meant.join(" or ")}, or log the model with metadata={"prediction": {"task": "${policyTask}"}}`,
    );
  if (policyTask) return { task: policyTask, by: "gate.task" };
  const [only, ...others] = meant ?? [];
  return only && others.length === 0 ? { task: only, by: "MLmodel's metadata.prediction.task" } : undefined;
}

/**
 * Determines which end of a detector's scores marks an anomaly, from the policy's `anomalyScores` or MLmodel's metadata, which must agree. There is no
 * default: scikit-learn's scores are low for anomalies, a reconstruction error is high.
 * @returns undefined for another task, and for a detector with only labels
 * @throws TaskMismatch if neither declares it, or both contradict each other
 */
export function anomalyScoresOf(
  { classAnswers, hints }: Pick<OnnxModel, "classAnswers" | "hints">,
  task: Task,
  policyScores: AnomalyScores | undefined,
): AnomalyScores | undefined {
  if (task !== "anomaly") {
    if (policyScores) throw new TaskMismatch(`gate.anomalyScores is ${policyScores}, but the model's task is ${task}`);
    return undefined;
  }
  const modelScores = hints?.anomalyScores;
  if (policyScores && modelScores && policyScores !== modelScores)
    throw new TaskMismatch(
      `gate.anomalyScores is ${policyScores}, but MLmodel's metadata.prediction.anomalyScores is ${modelScores}. Set gate.anomalyScores to ${modelScores}, or log the model with ${policyScores}`,
    );
  const scores = policyScores ?? modelScores;
  if (scores || (classAnswers && !classAnswers.scores)) return scores;
  throw new TaskMismatch(
    "cannot determine which scores mark an anomaly: set gate.anomalyScores to low (scikit-learn's score_samples and decision_function) or high (a reconstruction error, PyOD), or MLmodel's metadata.prediction.anomalyScores",
  );
}

/** How a snapshot's label is read for each task. */
const LABELS = { binary: "classes", multiclass: "open-classes", regression: "values", anomaly: "classes" } as const;

export const labelKind = (task: Task): { readonly kind: LabelKind } => ({ kind: LABELS[task] });
