import { z } from "zod";
import type { FloatArray } from "../../../data/number-array.ts";
import { PredictorError } from "../../../service/predictor/errors.ts";
import type { Predictor } from "../../../service/predictor/predictor.ts";
import type { Snapshot } from "../../snapshot.ts";
import { partsOf } from "../answers/answer-rows.ts";
import { atMost, compare, notNegative, positive, ratio } from "../bounds.ts";
import { type CheckResult, isRequired } from "../check.ts";
import { answerSnapshot, type Evaluation } from "../evaluation.ts";
import type { PerturbationFacts } from "../facts.ts";
import { type AnsweredRows, detectorOf, judgedAs, UNLABELLED } from "../metrics/answered-rows.ts";
import { modelTable } from "../model-table.ts";
import { perturbed } from "../perturbed.ts";

const bounds = {
  /** Share of rows whose label changes. */
  flips: atMost(ratio).optional(),
  /** Accuracy without minus accuracy with the perturbation. */
  accuracyDrop: atMost(ratio).optional(),
  /** Root mean squared error with the perturbation, divided by that without it, minus 1. */
  rmseRise: atMost(notNegative).optional(),
};
const LABELS = {
  flips: "label flips",
  accuracyDrop: "accuracy drop",
  rmseRise: "rise of the root mean squared error",
} as const;
type Bound = keyof typeof LABELS;
const boundKeys = Object.keys(LABELS) as Bound[];
const hasBound = (terms: Partial<Record<Bound, unknown>>) => boundKeys.some((key) => terms[key]);
const BOUND = "must have flips, accuracyDrop or rmseRise";

export const robustnessPolicy = z
  .strictObject({
    /** Of the random numbers; 42 unless told. */
    seed: z.int().optional(),
    /** Gaussian noise on every number; whole numbers stay whole. */
    noise: z
      .strictObject({
        /** Standard deviation of the noise, in standard deviations of the column. */
        deviations: positive,
        ...bounds,
      })
      .refine(hasBound, BOUND)
      .optional(),
    /** Cells at random get the mean of their column, or its most frequent text, as a service does that fills gaps. */
    missing: z
      .strictObject({
        /** Of the cells. */
        share: ratio,
        ...bounds,
      })
      .refine(hasBound, BOUND)
      .optional(),
  })
  .refine(({ noise, missing }) => noise || missing, "must have noise or missing");

type Terms = z.infer<z.ZodObject<typeof bounds>>;

/** Lets the model answer the evaluation rows again, disturbed, and compares the answers. */
export async function judgeRobustness(
  predictor: Predictor,
  snapshot: Snapshot,
  evaluation: Evaluation,
  { noise, missing, seed = 42 }: z.infer<typeof robustnessPolicy>,
) {
  const table = modelTable(predictor.signature, snapshot);
  const results: CheckResult[] = [];
  const facts: PerturbationFacts[] = [];
  const run = async (kind: PerturbationFacts["kind"], amount: number, terms: Terms) => {
    const told =
      kind === "noise" ? `noise of ${amount} standard deviations` : `${amount * 100} % of cells at their mean`;
    const source = { ...partsOf(table), part: perturbed(table, { kind, amount, seed }) };
    const asked = [judgedAs(evaluation), detectorOf(evaluation)] as const;
    const answers = await answerSnapshot(predictor, source, snapshot, ...asked).catch((error: unknown) => {
      if (error instanceof PredictorError) return error.message;
      throw error;
    });
    if (typeof answers === "string") {
      const required = boundKeys.some((key) => terms[key] && isRequired(terms[key]));
      const detail = `with ${told} the model fails: ${answers}`;
      results.push({ check: `robustness.${kind}`, group: "robustness", outcome: "fail", required, detail });
      return;
    }
    const found = changeOf(evaluation, answers.rows);
    facts.push({ kind, amount, ...found });
    const why = `${told} on ${evaluation.rows} rows, seed ${seed}`;
    for (const key of boundKeys) {
      const bound = terms[key];
      if (!bound) continue;
      const [check, label] = [`robustness.${kind}.${key}`, `${LABELS[key]} under ${kind}`];
      const value = found[key];
      results.push(
        value === undefined
          ? notOfTask(check, label, evaluation, bound)
          : compare({
              check,
              group: "robustness",
              relation: "<=",
              label,
              value,
              bound: bound.max,
              level: bound.level,
              why,
            }),
      );
    }
  };
  if (noise) await run("noise", noise.deviations, noise);
  if (missing) await run("missing", missing.share, missing);
  return { results, facts: { robustness: facts } };
}

const notOfTask = (
  check: string,
  label: string,
  evaluation: AnsweredRows,
  terms: Parameters<typeof isRequired>[0],
): CheckResult => ({
  ...{ check, group: "robustness", outcome: "fail", required: isRequired(terms) },
  detail: detectorOf(evaluation)?.unlabelled
    ? `${label} is not defined: ${UNLABELLED}`
    : `${label} is not defined for the task ${judgedAs(evaluation)}`,
});

function changeOf(evaluation: Evaluation, disturbed: AnsweredRows): Partial<Record<Bound, number>> {
  if (evaluation.task === "regression" || disturbed.task === "regression") {
    if (evaluation.task !== "regression" || disturbed.task !== "regression") return {};
    const [before, after] = [rmse(evaluation), rmse(disturbed)];
    // Where nothing was wrong before, any error is infinitely more.
    return { rmseRise: after === before ? 0 : after / before - 1 };
  }
  if (detectorOf(evaluation)?.unlabelled) return {};
  const { labels, predicted, rows } = evaluation;
  let [flips, right, was] = [0, 0, 0];
  for (let row = 0; row < rows; row++) {
    if (disturbed.predicted[row] !== predicted[row]) flips++;
    if (disturbed.predicted[row] === labels[row]) right++;
    if (predicted[row] === labels[row]) was++;
  }
  return { flips: flips / rows, accuracyDrop: (was - right) / rows };
}

function rmse({ truth, predicted }: { readonly truth: Float64Array; readonly predicted: FloatArray }): number {
  let sum = 0;
  for (let place = 0; place < truth.length; place++)
    sum += ((truth[place] as number) - (predicted[place] as number)) ** 2;
  return Math.sqrt(sum / truth.length);
}
