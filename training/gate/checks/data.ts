import { z } from "zod";
import { type ColumnDrift, columnDrift } from "../../../data/drift/column-drift.ts";
import type { Table } from "../../../data/table.ts";
import { columnNames, type Signature } from "../../../service/predictor/signature.ts";
import type { Snapshot } from "../../snapshot.ts";
import { atMost, compare, inconclusive, notNegative, ratio } from "../bounds.ts";
import { type CheckResult, formatRatio, isRequired, level } from "../check.ts";
import type { Facts, FeatureDrift } from "../facts.ts";
import { modelTable } from "../model-table.ts";
import { countSharedRows } from "../shared-rows.ts";
import { benjaminiHochberg } from "../statistics/benjamini-hochberg.ts";
import { kolmogorovSmirnov, ksPValue } from "../statistics/kolmogorov-smirnov.ts";

export const dataPolicy = z.strictObject({
  /** Rows of the evaluation snapshot; fewer fail. */
  rows: z.strictObject({ min: z.int().min(1, "must be at least 1"), level }).optional(),
  /** Share of evaluation rows whose features are those of a training row. */
  leakage: atMost(ratio).optional(),
  /** Evaluation against reference, feature by feature. */
  drift: z
    .strictObject({
      /** Population stability index of the feature that drifted most. */
      psi: atMost(notNegative).optional(),
      /** Kolmogorov-Smirnov, p-values adjusted after Benjamini-Hochberg: none may be below alpha. */
      ks: z.strictObject({ alpha: ratio, level }).optional(),
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
  const results: CheckResult[] = [];
  const why = `${evaluation.rows} rows against ${reference.rows} of ${reference.path}, ${features.length} features`;
  if (psi) {
    const worst = features.reduce((most, feature) => (feature.psi > most.psi ? feature : most));
    const label = `population stability index of ${worst.feature}`;
    results.push(
      compare({
        check: "data.drift.psi",
        group,
        relation: "<=",
        label,
        value: worst.psi,
        bound: psi.max,
        level: psi.level,
        why,
      }),
    );
  }
  if (ks) results.push(judgeKs(features, ks, why));
  return { features, results };
}

function judgeKs(
  features: readonly FeatureDrift[],
  { alpha, level }: { alpha: number; level?: "required" | "advisory" | undefined },
  why: string,
): CheckResult {
  const tested = features.flatMap(({ feature, adjusted }) => (adjusted === undefined ? [] : [{ feature, adjusted }]));
  const drifted = tested.filter(({ adjusted }) => adjusted < alpha).map(({ feature }) => feature);
  const [first, ...others] = tested;
  if (!first)
    return inconclusive(
      { check: "data.drift.ks", group, level },
      "drift: the model takes no column of numbers to test",
    );
  const worst = others.reduce((least, one) => (one.adjusted < least.adjusted ? one : least), first);
  const told = `smallest adjusted p-value of Kolmogorov-Smirnov ${formatRatio(worst.adjusted)} (${worst.feature})`;
  return {
    ...{
      check: "data.drift.ks",
      group,
      outcome: drifted.length === 0 ? "pass" : "fail",
      required: isRequired({ level }),
    },
    ...{ value: worst.adjusted, bound: alpha, relation: ">=", why: `${why}, Benjamini-Hochberg` },
    detail:
      drifted.length === 0
        ? `${told} >= ${formatRatio(alpha)}: no drift`
        : `${told} < ${formatRatio(alpha)}: drift of ${drifted.join(", ")}`,
  };
}

/** Every feature of `evaluation` beside `reference`, which has the same columns. Tensors are not compared. */
export function featureDrift(evaluation: Table, reference: Table): FeatureDrift[] {
  const found = evaluation.fields.flatMap((field, place) => {
    const [was, is] = [reference.columns[place], evaluation.columns[place]];
    const drift = was && is && columnDrift(field, was, is, { reference: reference.rows, evaluation: evaluation.rows });
    return drift ? [withTest(drift)] : [];
  });
  const tested = found.filter((feature) => feature.pValue !== undefined);
  const adjusted = benjaminiHochberg(tested.map(({ pValue }) => pValue as number));
  for (const [index, feature] of tested.entries())
    found[found.indexOf(feature)] = { ...feature, adjusted: adjusted[index] };
  return found;
}

function withTest({ samples, hasMissing: _, ...bins }: ColumnDrift): FeatureDrift {
  if (!samples) return bins;
  const ks = kolmogorovSmirnov(samples.reference, samples.evaluation);
  return { ...bins, ks, pValue: ksPValue(ks, samples.reference.length, samples.evaluation.length) };
}
