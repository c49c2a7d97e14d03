import type { DataFormat } from "../../data/reader/data-format.ts";
import { UnnamedClassesError } from "../../service/predictor/errors.ts";
import { NonFiniteAnswerError, openPredictor, PredictorError } from "../../service/predictor/predictor.ts";
import { ImpossibleAnswer } from "./answers/answer-rows.ts";
import type { CheckResult } from "./check.ts";
import { judgeFiles } from "./checks/schema.ts";
import { SignatureMismatch } from "./model-table.ts";
import type { Policy } from "./policy.ts";
import type { CandidateModel } from "./run-checks.ts";
import { anomalyScoresOf, TaskMismatch, taskOf } from "./task-of.ts";

/** A model's files after inspection. */
export interface OpenedCandidate {
  readonly checks: readonly CheckResult[];
  /** Undefined if it must not or cannot run; a check then reports why. The caller closes its predictor. */
  readonly model: CandidateModel | undefined;
}

/** Inspects a model's files and opens them. A model that cannot be opened fails; that is not an error. */
export async function openCandidate(
  folder: string,
  policy: Policy,
  format: DataFormat | undefined,
): Promise<OpenedCandidate> {
  const checks: CheckResult[] = [];
  try {
    if (policy.schema) checks.push(...(await judgeFiles(folder, policy.schema)));
    // A model with forbidden files is not opened.
    if (checks.some(({ outcome, required }) => outcome === "fail" && required)) return { checks, model: undefined };
    const predictor = await openPredictor(folder);
    try {
      const task = taskOf(predictor, policy.task, format);
      const anomalyScores = anomalyScoresOf(predictor, task, policy.anomalyScores);
      return { checks, model: { predictor, task, ...(anomalyScores && { anomalyScores }) } };
    } catch (error) {
      await predictor.close();
      throw error;
    }
  } catch (error) {
    return { checks: [...checks, cannotRun(error, folder)], model: undefined };
  }
}

/**
 * Always required, whatever the policy: such a model cannot be served.
 * @throws any error that is not a PredictorError
 */
export function cannotRun(error: unknown, folder: string): CheckResult {
  if (!(error instanceof PredictorError)) throw error;
  const [check, group]: [string, string] =
    error instanceof NonFiniteAnswerError
      ? ["schema.finite", "schema"]
      : error instanceof SignatureMismatch
        ? ["schema.signature", "schema"]
        : error instanceof ImpossibleAnswer || error instanceof UnnamedClassesError
          ? ["schema.answers", "schema"]
          : error instanceof TaskMismatch
            ? ["schema.task", "schema"]
            : ["runs", "integrity"];
  const detail = `the model cannot run: ${error.message.replaceAll(`${folder}/`, "")}`;
  return { check, group, outcome: "fail", required: true, detail };
}
