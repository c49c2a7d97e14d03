import { z } from "zod";
import { isBinned } from "../../../data/drift/binned-values.ts";
import type { Signature } from "../../../service/predictor/signature.ts";
import type { Snapshot } from "../../snapshot.ts";
import { atMost, compare, inconclusive, notNegative, ratio } from "../bounds.ts";
import { type CheckResult, level } from "../check.ts";
import type { CheckDetails } from "../check-details.ts";
import { fitDriftClassifier } from "../domain-classifier.ts";
import { modelPair } from "../model-table.ts";
import { contractPolicy } from "./contract.ts";
import { classifierPolicy, featureDrift, judgeClassifier, judgeKs, judgePsi } from "./drift.ts";
import { judgeCopies, judgeLabelLeakage } from "./leakage.ts";

export const dataPolicy = z.strictObject({
  /** Minimum number of rows in the evaluation snapshot. */
  rows: z.strictObject({ min: z.int().min(1, "must be at least 1"), level }).optional(),
  /** Share of evaluation rows whose features are identical to a training row's. */
  leakage: atMost(ratio).optional(),
  /**
   * Share of evaluation rows that are nearly identical to a training row: see near-duplicates.ts. Advisory by default, because rows with few distinct
   * values are similar by chance.
   */
  nearDuplicates: atMost(ratio).optional(),
  /** How well the best single column predicts the truth: see label-leakage.ts. Advisory by default, because a column may legitimately be that good. */
  labelLeakage: atMost(ratio).optional(),
  /** Validates the snapshots against the stack's data contract: see checks/contract.ts. */
  contract: contractPolicy.optional(),
  /** Compares the features of evaluation and reference. */
  drift: z
    .strictObject({
      /** Population stability index of the feature with the most drift; sampling error alone never fails it. */
      psi: atMost(notNegative).optional(),
      /**
       * Kolmogorov-Smirnov p-values, adjusted by Benjamini-Hochberg: none may be below alpha if the distance of the distribution functions is
       * at least `distance` (default: 0.1). With many rows, any distance is significant.
       */
      ks: z.strictObject({ alpha: ratio, distance: ratio.optional(), level }).optional(),
      /** Trains a classifier to distinguish evaluation from reference: one figure for all columns and their dependence. */
      classifier: classifierPolicy.optional(),
      /** Minimum rows of each snapshot; default: 100. */
      minSample: z.int().min(1, "must be at least 1").optional(),
    })
    .refine(({ psi, ks, classifier }) => psi || ks || classifier, "must have psi, ks or classifier")
    .optional(),
});
export type DataPolicy = z.infer<typeof dataPolicy>;

/** Whether the policy compares rows with those of other snapshots, or columns with the truth. */
export const dataNeedsTable = ({ leakage, nearDuplicates, labelLeakage, drift }: DataPolicy): boolean =>
  Boolean(leakage ?? nearDuplicates ?? labelLeakage ?? drift);

const MIN_SAMPLE = 100;
const group = "data";

export interface Snapshots {
  readonly evaluation: Snapshot;
  /** Required if the policy checks leakage. */
  readonly training?: Snapshot | undefined;
  /** Required if the policy checks drift. */
  readonly reference?: Snapshot | undefined;
  /** The model's signature. Columns that the model does not use, such as an id, are not compared. */
  readonly signature: Signature;
}

/** Checks the snapshots' rows. Ignores their digests, because loadSnapshot rejects data that differs from its DVC pointer. */
export function judgeData(snapshots: Snapshots, { rows, leakage, nearDuplicates, labelLeakage, drift }: DataPolicy) {
  const { evaluation, training, reference } = snapshots;
  const results: CheckResult[] = [];
  const data: NonNullable<CheckDetails["data"]> = {
    ...(training && { training: nameOf(training) }),
    ...(reference && { reference: nameOf(reference) }),
  };
  if (rows)
    results.push(
      compare({
        check: "data.rows",
        group,
        relation: ">=",
        value: evaluation.rows,
        bound: rows.min,
        level: rows.level,
        label: "rows of the evaluation snapshot",
      }),
    );
  const copied = judgeCopies(snapshots, { leakage, nearDuplicates });
  const leaked = labelLeakage && judgeLabelLeakage(snapshots, labelLeakage);
  const drifted = drift && judgeDrift(snapshots, drift);
  results.push(...copied.results, ...(leaked?.results ?? []), ...(drifted?.results ?? []));
  const facts: CheckDetails = {
    data: { ...data, ...copied.facts, ...leaked?.facts },
    ...(drifted?.features && { drift: drifted.features }),
    ...(drifted?.classifier && { driftClassifier: drifted.classifier }),
  };
  return { results, facts };
}

const nameOf = ({ path, md5, rows }: Snapshot) => ({ path, md5, rows });

function judgeDrift({ signature, evaluation, reference }: Snapshots, terms: NonNullable<DataPolicy["drift"]>) {
  const { psi, ks, classifier, minSample = MIN_SAMPLE } = terms;
  const undecided = (detail: string) => ({
    features: undefined,
    classifier: undefined,
    results: [
      ...(psi ? [inconclusive({ check: "data.drift.psi", group, level: psi.level }, detail)] : []),
      ...(ks ? [inconclusive({ check: "data.drift.ks", group, level: ks.level }, detail)] : []),
      ...(classifier ? [inconclusive({ check: "data.drift.classifier", group, level: classifier.level }, detail)] : []),
    ],
  });
  if (!reference) return undecided("drift: no reference snapshot is set (data.reference)");
  const pair = modelPair(signature, evaluation, reference);
  if (typeof pair === "string") return undecided(`drift: ${pair}`);
  for (const { path, rows } of [evaluation, reference])
    if (rows < minSample) return undecided(`drift: ${path} has ${rows} rows; at least ${minSample} are needed`);
  const features = psi || ks ? featureDrift(...pair) : [];
  if (!pair[0].fields.some(isBinned))
    return undecided("drift: all inputs of the model are tensors, which are not compared");
  const compared = {
    features,
    rows: { reference: reference.rows, evaluation: evaluation.rows },
    why: `${evaluation.rows} rows compared with ${reference.rows} of ${reference.path}, ${features.length} features`,
  };
  const fitted = classifier && fitDriftClassifier(...pair);
  return {
    features: psi || ks ? features.map(({ counts: _, ...shown }) => shown) : undefined,
    classifier: fitted && {
      auc: fitted.auc,
      interval: fitted.interval(classifier?.confidence),
      rows: fitted.rows,
      columns: fitted.columns,
    },
    results: [
      ...(psi ? [judgePsi(compared, psi)] : []),
      ...(ks ? [judgeKs(compared, ks)] : []),
      ...(classifier && fitted ? [judgeClassifier(fitted, classifier)] : []),
    ],
  };
}
