import { z } from "zod";
import { isBinned } from "../../../data/drift/binned-values.ts";
import type { Signature } from "../../../service/predictor/signature.ts";
import type { Snapshot } from "../../snapshot.ts";
import { atMost, compare, inconclusive, notNegative, ratio } from "../bounds.ts";
import { type CheckResult, level } from "../check.ts";
import { tellApart } from "../domain-classifier.ts";
import type { Facts } from "../facts.ts";
import { modelPair } from "../model-table.ts";
import { contractPolicy } from "./contract.ts";
import { classifierPolicy, featureDrift, judgeClassifier, judgeKs, judgePsi } from "./drift.ts";
import { judgeCopies, judgeLabelLeakage } from "./leakage.ts";

export const dataPolicy = z.strictObject({
  /** Rows of the evaluation snapshot; fewer fail. */
  rows: z.strictObject({ min: z.int().min(1, "must be at least 1"), level }).optional(),
  /** Share of evaluation rows whose features are those of a training row. */
  leakage: atMost(ratio).optional(),
  /**
   * Share of evaluation rows that nearly are a training row: see near-duplicates.ts. Advisory by default: rows of few different values are alike by chance.
   */
  nearDuplicates: atMost(ratio).optional(),
  /** How well the one column that tells most predicts the truth alone: see label-leakage.ts. Advisory by default: a column may be as good as that. */
  labelLeakage: atMost(ratio).optional(),
  /** Snapshots against the data contract of the stack: see checks/contract.ts. */
  contract: contractPolicy.optional(),
  /** Evaluation against reference, feature by feature. */
  drift: z
    .strictObject({
      /** Population stability index of the feature that drifted most; sampling alone never fails it. */
      psi: atMost(notNegative).optional(),
      /**
       * Kolmogorov-Smirnov, p-values adjusted after Benjamini-Hochberg: none may be below alpha where the distance of the distribution functions is
       * `distance` or more, 0.1 by default: with many rows any distance is significant.
       */
      ks: z.strictObject({ alpha: ratio, distance: ratio.optional(), level }).optional(),
      /** One model that tells evaluation from reference: one number for all columns, and for what they have in common. */
      classifier: classifierPolicy.optional(),
      /** Fewer rows on either side cannot tell: 100 unless told. */
      minSample: z.int().min(1, "must be at least 1").optional(),
    })
    .refine(({ psi, ks, classifier }) => psi || ks || classifier, "must have psi, ks or classifier")
    .optional(),
});
export type DataPolicy = z.infer<typeof dataPolicy>;

const MIN_SAMPLE = 100;
const group = "data";

export interface Snapshots {
  readonly evaluation: Snapshot;
  /** Read when the policy asks for leakage. */
  readonly training?: Snapshot | undefined;
  /** Read when the policy asks for drift. */
  readonly reference?: Snapshot | undefined;
  /** Of the model: columns that it does not take, such as an id, are not compared. */
  readonly signature: Signature;
}

/** That each snapshot is the one that its DVC pointer names is no choice of the policy: loadSnapshot refuses any other. */
export function judgeData(snapshots: Snapshots, { rows, leakage, nearDuplicates, labelLeakage, drift }: DataPolicy) {
  const { evaluation, training, reference } = snapshots;
  const results: CheckResult[] = [];
  const data: NonNullable<Facts["data"]> = {
    ...(training && { training: nameOf(training) }),
    ...(reference && { reference: nameOf(reference) }),
  };
  if (rows)
    results.push(
      compare({
        ...{ check: "data.rows", group, relation: ">=", value: evaluation.rows, bound: rows.min, level: rows.level },
        label: "rows of the evaluation snapshot",
      }),
    );
  const copied = judgeCopies(snapshots, { leakage, nearDuplicates });
  const told = labelLeakage && judgeLabelLeakage(snapshots, labelLeakage);
  const drifted = drift && judgeDrift(snapshots, drift);
  results.push(...copied.results, ...(told?.results ?? []), ...(drifted?.results ?? []));
  const facts: Facts = {
    data: { ...data, ...copied.facts, ...told?.facts },
    ...(drifted?.features && { drift: drifted.features }),
    ...(drifted?.classifier && { driftClassifier: drifted.classifier }),
  };
  return { results, facts };
}

const nameOf = ({ path, md5, rows }: Snapshot) => ({ path, md5, rows });

function judgeDrift({ signature, evaluation, reference }: Snapshots, terms: NonNullable<DataPolicy["drift"]>) {
  const { psi, ks, classifier, minSample = MIN_SAMPLE } = terms;
  const open = (detail: string) => ({
    ...{ features: undefined, classifier: undefined },
    results: [
      ...(psi ? [inconclusive({ check: "data.drift.psi", group, level: psi.level }, detail)] : []),
      ...(ks ? [inconclusive({ check: "data.drift.ks", group, level: ks.level }, detail)] : []),
      ...(classifier ? [inconclusive({ check: "data.drift.classifier", group, level: classifier.level }, detail)] : []),
    ],
  });
  if (!reference) return open("drift: no reference snapshot is given");
  const pair = modelPair(signature, evaluation, reference);
  if (typeof pair === "string") return open(`drift: ${pair}`);
  for (const { path, rows } of [evaluation, reference])
    if (rows < minSample) return open(`drift: ${path} has ${rows} rows, ${minSample} are needed to tell`);
  const features = psi || ks ? featureDrift(...pair) : [];
  if (!pair[0].fields.some(isBinned)) return open("drift: the model takes tensors alone, which are not compared");
  const compared = {
    features,
    rows: { reference: reference.rows, evaluation: evaluation.rows },
    why: `${evaluation.rows} rows against ${reference.rows} of ${reference.path}, ${features.length} features`,
  };
  const told = classifier && tellApart(...pair);
  return {
    features: psi || ks ? features : undefined,
    classifier: told && {
      auc: told.auc,
      interval: told.interval(classifier?.confidence),
      rows: told.rows,
      columns: told.columns,
    },
    results: [
      ...(psi ? [judgePsi(compared, psi)] : []),
      ...(ks ? [judgeKs(compared, ks)] : []),
      ...(classifier && told ? [judgeClassifier(told, classifier)] : []),
    ],
  };
}
