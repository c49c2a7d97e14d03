import { z } from "zod";
import type { Table } from "../../../data/table.ts";
import { columnNames, type Signature } from "../../../service/predictor/signature.ts";
import type { Snapshot } from "../../snapshot.ts";
import { atMost, compare, inconclusive, notNegative, ratio } from "../bounds.ts";
import { type CheckResult, level } from "../check.ts";
import type { Facts } from "../facts.ts";
import { modelTable } from "../model-table.ts";
import { countSharedRows } from "../shared-rows.ts";
import { contractPolicy } from "./contract.ts";
import { featureDrift, judgeKs, judgePsi } from "./drift.ts";

export const dataPolicy = z.strictObject({
  /** Rows of the evaluation snapshot; fewer fail. */
  rows: z.strictObject({ min: z.int().min(1, "must be at least 1"), level }).optional(),
  /** Share of evaluation rows whose features are those of a training row. */
  leakage: atMost(ratio).optional(),
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
      /** Fewer rows on either side cannot tell: 100 unless told. */
      minSample: z.int().min(1, "must be at least 1").optional(),
    })
    .refine(({ psi, ks }) => psi || ks, "must have psi or ks")
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
export function judgeData(snapshots: Snapshots, { rows, leakage, drift }: DataPolicy) {
  const { evaluation, training, reference, signature } = snapshots;
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
  const part = leakage && judgeLeakage(signature, evaluation, training, leakage);
  if (part) results.push(part.result);
  const drifted = drift && judgeDrift(signature, evaluation, reference, drift);
  if (drifted) results.push(...drifted.results);
  const facts: Facts = {
    data: { ...data, ...(part?.shared !== undefined && { sharedRows: part.shared }) },
    ...(drifted?.features && { drift: drifted.features }),
  };
  return { results, facts };
}

const nameOf = ({ path, md5, rows }: Snapshot) => ({ path, md5, rows });

/** The model's columns of both snapshots. A text says which columns the other one lacks. */
function pairOf(signature: Signature, evaluation: Snapshot, other: Snapshot): readonly [Table, Table] | string {
  const has = other.table.fields.map(({ name }) => name);
  const wanted = columnNames(signature);
  const lacks = (wanted ?? []).filter((name) => !has.includes(name));
  if (lacks.length > 0) return `${other.path} lacks columns of the model: ${lacks.join(", ")}`;
  if (!wanted && has.length !== signature.inputs.length)
    return `${other.path} has ${has.length} features, the model takes ${signature.inputs.length}`;
  return [modelTable(signature, evaluation), modelTable(signature, other)];
}

function judgeLeakage(
  signature: Signature,
  evaluation: Snapshot,
  training: Snapshot | undefined,
  { max, level }: NonNullable<DataPolicy["leakage"]>,
) {
  const check = { check: "data.leakage", group, level } as const;
  if (!training) return { result: inconclusive(check, "leakage: no training snapshot is given") };
  const pair = pairOf(signature, evaluation, training);
  if (typeof pair === "string") return { result: inconclusive(check, `leakage: ${pair}`) };
  const shared = countSharedRows(...pair);
  const why = `${shared} of ${evaluation.rows} rows of ${evaluation.path} are in ${training.path} as well`;
  const label = "evaluation rows shared with training";
  return {
    shared,
    result: compare({ ...check, relation: "<=", label, value: shared / evaluation.rows, bound: max, why }),
  };
}

function judgeDrift(
  signature: Signature,
  evaluation: Snapshot,
  reference: Snapshot | undefined,
  terms: NonNullable<DataPolicy["drift"]>,
) {
  const { psi, ks, minSample = MIN_SAMPLE } = terms;
  const open = (detail: string) => ({
    features: undefined,
    results: [
      ...(psi ? [inconclusive({ check: "data.drift.psi", group, level: psi.level }, detail)] : []),
      ...(ks ? [inconclusive({ check: "data.drift.ks", group, level: ks.level }, detail)] : []),
    ],
  });
  if (!reference) return open("drift: no reference snapshot is given");
  const pair = pairOf(signature, evaluation, reference);
  if (typeof pair === "string") return open(`drift: ${pair}`);
  for (const { path, rows } of [evaluation, reference])
    if (rows < minSample) return open(`drift: ${path} has ${rows} rows, ${minSample} are needed to tell`);
  const features = featureDrift(...pair);
  if (features.length === 0) return open("drift: the model takes tensors alone, which are not compared");
  const compared = {
    features,
    rows: { reference: reference.rows, evaluation: evaluation.rows },
    why: `${evaluation.rows} rows against ${reference.rows} of ${reference.path}, ${features.length} features`,
  };
  return { features, results: [...(psi ? [judgePsi(compared, psi)] : []), ...(ks ? [judgeKs(compared, ks)] : [])] };
}
