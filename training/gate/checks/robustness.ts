import { z } from "zod";
import type { ClassName } from "../../../data/prediction.ts";
import { PredictorError } from "../../../service/predictor/errors.ts";
import type { Predictor } from "../../../service/predictor/predictor.ts";
import type { Snapshot } from "../../snapshot.ts";
import { partsOf } from "../answers/answer-rows.ts";
import { atMost, compare, inconclusive, notNegative, positive, ratio } from "../bounds.ts";
import { type CheckResult, isRequired } from "../check.ts";
import { answerSnapshot, type Evaluation } from "../evaluation.ts";
import type { PerturbationFacts } from "../facts.ts";
import { type AnsweredRows, detectorOf, judgedAs, UNLABELLED } from "../metrics/answered-rows.ts";
import { METRICS } from "../metrics/metric-table.ts";
import { modelTable } from "../model-table.ts";
import { cannotPerturb, perturbed } from "../perturbed.ts";
import { percent } from "./performance.ts";

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

const SHARE = "must be more than 0 and at most 1";

/** `share` of the cells that can be changed. */
const ofCells = z
  .strictObject({ share: ratio.gt(0, SHARE).max(1, SHARE), ...bounds })
  .refine(hasBound, BOUND)
  .optional();

/** What each perturbation is called in a label, and what it does to that share of the cells, or with that many deviations. */
const KINDS = {
  noise: { name: "noise", told: (amount: number) => `noise of ${amount} standard deviations` },
  missing: { name: "missing", told: (share: number) => `${percent(share)} of cells at their mean` },
  unseen: { name: "unseen categories", told: (share: number) => `${percent(share)} of texts that no row has` },
  swapped: { name: "swapped categories", told: (share: number) => `${percent(share)} of categories swapped` },
  nulls: { name: "nulls", told: (share: number) => `${percent(share)} of cells missing that may be` },
} as const satisfies Record<PerturbationFacts["kind"], unknown>;
type Kind = keyof typeof KINDS;
const kinds = Object.keys(KINDS) as Kind[];

export const robustnessPolicy = z
  .strictObject({
    /** Of the random numbers; 42 unless told. */
    seed: z.int().optional(),
    /** Gaussian noise on every number; whole numbers stay whole, in the range of their type. */
    noise: z
      .strictObject({
        /** Standard deviation of the noise, in standard deviations of the column. */
        deviations: positive,
        ...bounds,
      })
      .refine(hasBound, BOUND)
      .optional(),
    /** Cells at random get the mean of their column, or its most frequent text, as a service does that fills gaps. */
    missing: ofCells,
    /** Texts at random become one that no row has. */
    unseen: ofCells,
    /** Texts and booleans at random change places within their column. */
    swapped: ofCells,
    /** Cells at random are missing, in the columns whose signature allows it. */
    nulls: ofCells,
  })
  .refine(
    (terms) => kinds.some((kind) => terms[kind]),
    `must have ${kinds.slice(0, -1).join(", ")} or ${kinds.at(-1)}`,
  );

type Terms = z.infer<z.ZodObject<typeof bounds>>;

/** Lets the model answer the evaluation rows again, disturbed, and compares the answers. */
export async function judgeRobustness(
  predictor: Pick<Predictor, "signature" | "predict">,
  snapshot: Snapshot,
  evaluation: Evaluation,
  { seed = 42, ...policy }: z.infer<typeof robustnessPolicy>,
) {
  const table = modelTable(predictor.signature, snapshot);
  const results: CheckResult[] = [];
  const facts: PerturbationFacts[] = [];
  const run = async (kind: Kind, amount: number, terms: Terms) => {
    const [name, told] = [KINDS[kind].name, KINDS[kind].told(amount)];
    const nothing = cannotPerturb(table, kind);
    if (nothing !== undefined) {
      results.push(
        ...asked(terms).map(([key, { level }]) =>
          inconclusive(
            { check: `robustness.${kind}.${key}`, group: "robustness", level },
            `${LABELS[key]} under ${name}: ${nothing}`,
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
      const required = asked(terms).some(([, bound]) => isRequired(bound));
      const detail = `with ${told} the model fails: ${answers}`;
      results.push({ check: `robustness.${kind}`, group: "robustness", outcome: "fail", required, detail });
      return;
    }
    const found = changeOf(evaluation, answers.rows, evaluation.weights);
    facts.push({ kind, amount, ...found });
    const why = `${told} on ${evaluation.rows} rows, seed ${seed}`;
    for (const [key, { max, level }] of asked(terms)) {
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

const asked = (terms: Terms) =>
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
  ...{ check, group: "robustness", outcome: "fail", required: isRequired(terms) },
  detail: detectorOf(evaluation)?.unlabelled
    ? `${label} is not defined: ${UNLABELLED}`
    : `${label} is not defined for the task ${judgedAs(evaluation)}`,
});

/** @param weights one a row; every row counts once without them */
export function changeOf(
  evaluation: AnsweredRows,
  disturbed: AnsweredRows,
  weights?: ArrayLike<number>,
): Partial<Record<Bound, number>> {
  if (evaluation.task === "regression" || disturbed.task === "regression") {
    const [before, after] = [evaluation, disturbed].map((rows) => METRICS.rmse.of(rows)?.(weights));
    if (before === undefined || after === undefined) return {};
    // Where nothing was wrong before, any error is infinitely more.
    return { rmseRise: after === before ? 0 : after / before - 1 };
  }
  if (detectorOf(evaluation)?.unlabelled) return {};
  const { labels, predicted, rows } = evaluation;
  // A class that only the model names has its code from the order of the answers.
  const codes: readonly number[] = disturbed.classes.map((name) =>
    (evaluation.classes as readonly ClassName[]).indexOf(name),
  );
  let [flips, right, was, total] = [0, 0, 0, 0];
  for (let row = 0; row < rows; row++) {
    const weight = weights ? (weights[row] as number) : 1;
    total += weight;
    const code = codes[disturbed.predicted[row] as number];
    if (code !== predicted[row]) flips += weight;
    if (code === labels[row]) right += weight;
    if (predicted[row] === labels[row]) was += weight;
  }
  return { flips: flips / total, accuracyDrop: (was - right) / total };
}
