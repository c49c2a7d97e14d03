import { z } from "zod";
import type { ClassName } from "../../../data/prediction.ts";
import { PredictorError } from "../../../service/predictor/errors.ts";
import type { Predictor } from "../../../service/predictor/predictor.ts";
import type { Snapshot } from "../../snapshot.ts";
import { partsOf } from "../answers/answer-rows.ts";
import { atMost, compare, inconclusive, isOpenShare, noOpenShare, notNegative, positive, ratio } from "../bounds.ts";
import { type CheckResult, isRequired } from "../check.ts";
import type { PerturbationDetails } from "../check-details.ts";
import { answerSnapshot, type Evaluation } from "../evaluation.ts";
import { type AnsweredRows, detectorOf, judgedAs, UNLABELLED } from "../metrics/answered-rows.ts";
import { METRICS } from "../metrics/metric-table.ts";
import { modelTable } from "../model-table.ts";
import { cannotPerturb, perturbed } from "../perturbed.ts";
import { percent } from "./performance.ts";

const bounds = {
  /** Share of rows whose label changes. */
  flips: atMost(ratio).optional(),
  /** Drop in accuracy caused by the perturbation. */
  accuracyDrop: atMost(ratio).optional(),
  /** Relative increase of the root mean squared error caused by the perturbation. */
  rmseRise: atMost(notNegative.refine(isOpenShare, noOpenShare("the increase"))).optional(),
};
const LABELS = {
  flips: "label flips",
  accuracyDrop: "accuracy drop",
  rmseRise: "increase of the root mean squared error",
} as const;
type Bound = keyof typeof LABELS;
const boundKeys = Object.keys(LABELS) as Bound[];
const hasBound = (terms: Partial<Record<Bound, unknown>>) => boundKeys.some((key) => terms[key]);
const ANY_BOUND = "must have flips, accuracyDrop or rmseRise";

const SHARE_RANGE = "must be more than 0 and at most 1";

/** Settings of a perturbation that changes a share of the eligible cells. */
const ofCells = z
  .strictObject({ share: ratio.gt(0, SHARE_RANGE).max(1, SHARE_RANGE), ...bounds })
  .refine(hasBound, ANY_BOUND)
  .optional();

/** The name of each perturbation in labels, and its description for a share of cells or a number of standard deviations. */
const KINDS = {
  noise: { name: "noise", describe: (amount: number) => `noise of ${amount} standard deviations` },
  missing: { name: "missing", describe: (share: number) => `${percent(share)} of cells replaced by the column's mean` },
  unseen: {
    name: "unseen categories",
    describe: (share: number) => `${percent(share)} of texts replaced by an unseen one`,
  },
  swapped: { name: "swapped categories", describe: (share: number) => `${percent(share)} of categories swapped` },
  nulls: { name: "nulls", describe: (share: number) => `${percent(share)} of nullable cells removed` },
} as const satisfies Record<PerturbationDetails["kind"], unknown>;
type Kind = keyof typeof KINDS;
const kinds = Object.keys(KINDS) as Kind[];

export const robustnessPolicy = z
  .strictObject({
    /** Seed of the random numbers; default: 42. */
    seed: z.int().optional(),
    /** Gaussian noise on all numbers; integers stay integers within their type's range. */
    noise: z
      .strictObject({
        /** Standard deviation of the noise, in units of the column's standard deviation. */
        deviations: positive,
        ...bounds,
      })
      .refine(hasBound, ANY_BOUND)
      .optional(),
    /** Replaces random cells with the column's mean or most frequent text, like a service that imputes missing values. */
    missing: ofCells,
    /** Replaces random texts with one that no row contains. */
    unseen: ofCells,
    /** Swaps random texts and booleans within their column. */
    swapped: ofCells,
    /** Removes random cells in nullable columns. */
    nulls: ofCells,
  })
  .refine(
    (terms) => kinds.some((kind) => terms[kind]),
    `must have ${kinds.slice(0, -1).join(", ")} or ${kinds.at(-1)}`,
  );

type Terms = z.infer<z.ZodObject<typeof bounds>>;

/** Runs the model on perturbed evaluation rows and compares the predictions. */
export async function judgeRobustness(
  predictor: Pick<Predictor, "signature" | "predict">,
  snapshot: Snapshot,
  evaluation: Evaluation,
  { seed = 42, ...policy }: z.infer<typeof robustnessPolicy>,
) {
  const table = modelTable(predictor.signature, snapshot);
  const results: CheckResult[] = [];
  const facts: PerturbationDetails[] = [];
  const run = async (kind: Kind, amount: number, terms: Terms) => {
    const [name, description] = [KINDS[kind].name, KINDS[kind].describe(amount)];
    const reason = cannotPerturb(table, kind);
    if (reason !== undefined) {
      results.push(
        ...boundsOf(terms).map(([key, { level }]) =>
          inconclusive(
            { check: `robustness.${kind}.${key}`, group: "robustness", level },
            `${LABELS[key]} under ${name}: ${reason}`,
          ),
        ),
      );
      return;
    }
    const source = { ...partsOf(table), part: perturbed(table, { kind, amount, seed }) };
    const as = [judgedAs(evaluation), detectorOf(evaluation)] as const;
    const answers = await answerSnapshot(predictor, source, snapshot, ...as).catch((error: unknown) => {
      if (error instanceof PredictorError) return error.message;
      throw error;
    });
    if (typeof answers === "string") {
      const required = boundsOf(terms).some(([, bound]) => isRequired(bound));
      const detail = `the model fails with ${description}: ${answers}`;
      results.push({ check: `robustness.${kind}`, group: "robustness", outcome: "fail", required, detail });
      return;
    }
    const found = changeOf(evaluation, answers.rows, evaluation.weights);
    facts.push({ kind, amount, ...found });
    const why = `${description} on ${evaluation.rows} rows, seed ${seed}`;
    for (const [key, { max, level }] of boundsOf(terms)) {
      const [check, label] = [`robustness.${kind}.${key}`, `${LABELS[key]} under ${name}`];
      const value = found[key];
      results.push(
        value === undefined
          ? notOfTask(check, label, evaluation, { level })
          : compare({ check, group: "robustness", relation: "<=", label, value, bound: max, level, why }),
      );
    }
  };
  for (const kind of kinds) {
    const terms = policy[kind];
    if (terms) await run(kind, "deviations" in terms ? terms.deviations : terms.share, terms);
  }
  return { results, facts: { robustness: facts } };
}

const boundsOf = (terms: Terms) =>
  boundKeys.flatMap((key) => {
    const bound = terms[key];
    return bound ? [[key, bound] as const] : [];
  });

const notOfTask = (
  check: string,
  label: string,
  evaluation: AnsweredRows,
  terms: Parameters<typeof isRequired>[0],
): CheckResult => ({
  check,
  group: "robustness",
  outcome: "fail",
  required: isRequired(terms),
  detail: detectorOf(evaluation)?.unlabelled
    ? `${label} is not defined: ${UNLABELLED}`
    : `${label} is not defined for the task ${judgedAs(evaluation)}`,
});

/** Measures how a perturbation changes predictions. @param weights one per row; without them, every row counts once */
export function changeOf(
  evaluation: AnsweredRows,
  perturbedRows: AnsweredRows,
  weights?: ArrayLike<number>,
): Partial<Record<Bound, number>> {
  if (evaluation.task === "regression" || perturbedRows.task === "regression") {
    const [before, after] = [evaluation, perturbedRows].map((rows) => METRICS.rmse.of(rows)?.(weights));
    if (before === undefined || after === undefined) return {};
    // If there was no error before, any error is an infinite increase.
    return { rmseRise: after === before ? 0 : after / before - 1 };
  }
  if (detectorOf(evaluation)?.unlabelled) return {};
  const { labels, predicted, rows } = evaluation;
  // The code of a class that only the model names depends on the order of its predictions.
  const codes: readonly number[] = perturbedRows.classes.map((name) =>
    (evaluation.classes as readonly ClassName[]).indexOf(name),
  );
  let [flips, right, rightBefore, total] = [0, 0, 0, 0];
  for (let row = 0; row < rows; row++) {
    const weight = weights ? (weights[row] as number) : 1;
    total += weight;
    const code = codes[perturbedRows.predicted[row] as number];
    if (code !== predicted[row]) flips += weight;
    if (code === labels[row]) right += weight;
    if (predicted[row] === labels[row]) rightBefore += weight;
  }
  return { flips: flips / total, accuracyDrop: (rightBefore - right) / total };
}
