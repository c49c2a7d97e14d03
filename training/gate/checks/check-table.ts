import type { z } from "zod";
import type { OnnxModel } from "../../../service/predictor/predictor.ts";
import type { Snapshot } from "../../snapshot.ts";
import type { CheckResult } from "../check.ts";
import type { CheckDetails } from "../check-details.ts";
import type { ComparedChampion } from "../compared-champion.ts";
import type { Evaluation } from "../evaluation.ts";
import type { StoredPredictions } from "../stored-predictions.ts";
import { dataNeedsTable, dataPolicy, judgeData } from "./data.ts";
import { judgeLatency, latencyPolicy } from "./latency.ts";
import { judgeParity, parityPolicy } from "./parity.ts";
import { judgePredictions, predictionsPolicy } from "./predictions.ts";
import { judgeRobustness, robustnessPolicy } from "./robustness.ts";
import { judgeAnswers, schemaPolicy } from "./schema.ts";

/** A model that runs, with everything that a check can judge. */
interface JudgedModel {
  readonly predictor: OnnxModel;
  readonly evaluation: Evaluation;
  /** The first rows of the evaluation snapshot, or all of them if they are in memory. */
  readonly head: Snapshot;
  /** Rows of the whole evaluation snapshot. */
  readonly rows: number;
  /** Returns all rows. @throws Error unless the check declares that it needs them */
  readonly table: () => Snapshot;
  readonly training?: Snapshot | undefined;
  readonly reference?: Snapshot | undefined;
  readonly champion: ComparedChampion | undefined;
  /** A string explains why there are none. */
  readonly storedPredictions?: StoredPredictions | string | undefined;
}

export interface Judgement {
  readonly results: readonly CheckResult[];
  /** Details for the report's page. */
  readonly facts?: CheckDetails;
}

export interface Check<Policy extends z.ZodType = z.ZodType> {
  readonly policy: Policy;
  readonly judge: (model: JudgedModel, policy: z.infer<Policy>) => Judgement | Promise<Judgement>;
  /** Whether the rows must be in memory; by default, the snapshot is streamed. */
  readonly needsTable?: (policy: z.infer<Policy>) => boolean;
}

const check = <Policy extends z.ZodType>(row: Check<Policy>): Check<Policy> => row;

/**
 * Checks by their key in the policy, judged in this order. To add one, write its file, with a policy and a judgement, and name it here.
 * Bounds on metrics are not here: they are judged as one family (multiplicity.ts).
 */
const CHECKS = {
  schema: check({
    policy: schemaPolicy,
    judge: ({ predictor, head, evaluation, champion }, policy) => ({
      results: judgeAnswers(predictor.signature, head, evaluation, champion, policy),
    }),
  }),
  predictions: check({
    policy: predictionsPolicy,
    judge: ({ evaluation }, policy) => ({ results: judgePredictions(evaluation, policy) }),
  }),
  robustness: check({
    policy: robustnessPolicy,
    judge: ({ predictor, table, evaluation }, policy) => judgeRobustness(predictor, table(), evaluation, policy),
    needsTable: () => true,
  }),
  latency: check({
    policy: latencyPolicy,
    judge: ({ predictor, head }, policy) => judgeLatency(predictor, head, policy),
  }),
  parity: check({
    policy: parityPolicy,
    judge: ({ evaluation, storedPredictions }, policy) => ({
      results: judgeParity(evaluation, storedPredictions ?? "no predictions were read", policy),
    }),
  }),
  data: check({
    policy: dataPolicy,
    judge: ({ predictor, head, rows, table, training, reference }, policy) => {
      const evaluation = { ...(dataNeedsTable(policy) ? table() : head), rows };
      return judgeData({ evaluation, training, reference, signature: predictor.signature }, policy);
    },
    needsTable: dataNeedsTable,
  }),
};

type Checks = typeof CHECKS;
type Terms = { readonly [Key in keyof Checks]?: z.infer<Checks[Key]["policy"]> | undefined };

/** Returns the checks that a policy names, each with its terms. */
export const checksOf = (policy: Terms): readonly (readonly [Check, unknown])[] =>
  (Object.keys(CHECKS) as (keyof Checks)[]).flatMap((key) =>
    policy[key] === undefined ? [] : [[CHECKS[key] as Check, policy[key]] as const],
  );

/** Policies of the checks, each optional. */
export const checkPolicies = Object.fromEntries(
  Object.entries(CHECKS).map(([key, { policy }]) => [key, policy.optional()]),
) as { readonly [Key in keyof Checks]: z.ZodOptional<Checks[Key]["policy"]> };
