import type { Signature } from "../../../service/predictor/signature.ts";
import type { Snapshot } from "../../snapshot.ts";
import { compare, inconclusive, type Level } from "../bounds.ts";
import type { CheckResult } from "../check.ts";
import { type LabelLeakage, labelLeakage, type ScoreKind } from "../label-leakage.ts";
import { modelPair, modelTable } from "../model-table.ts";
import { CELL, nearDuplicates } from "../near-duplicates.ts";
import { countOf, sharedRows } from "../shared-rows.ts";

const group = "data";

/** Checks that are advisory unless the policy sets their level. */
export const ADVISORY_BY_DEFAULT: ReadonlySet<string> = new Set(["data.nearDuplicates", "data.labelLeakage"]);

interface LeakageSnapshots {
  readonly signature: Signature;
  readonly evaluation: Snapshot;
  readonly training?: Snapshot | undefined;
}

interface Terms {
  readonly max: number;
  readonly level?: Level;
}

/** Bounds the shares of evaluation rows that training contains exactly or nearly. */
export function judgeCopies(
  { signature, evaluation, training }: LeakageSnapshots,
  {
    leakage,
    nearDuplicates: near,
  }: { readonly leakage?: Terms | undefined; readonly nearDuplicates?: Terms | undefined },
) {
  const exact = leakage && ({ check: "data.leakage", group, level: leakage.level } as const);
  const similar = near && ({ check: "data.nearDuplicates", group, level: near.level ?? "advisory" } as const);
  const checks = [exact, similar].filter((check) => check !== undefined);
  const undecided = (why: string) => ({
    facts: {},
    results: checks.map((check) => inconclusive(check, `leakage: ${why}`)),
  });
  if (checks.length === 0) return { facts: {}, results: [] };
  if (!training) return undecided("no training snapshot is set (data.training)");
  const pair = modelPair(signature, evaluation, training);
  if (typeof pair === "string") return undecided(pair);
  const { rows, path } = evaluation;
  const equal = sharedRows(...pair);
  const shared = countOf(equal);
  const results: CheckResult[] = [];
  if (exact && leakage) {
    const why = `${shared} of ${rows} rows of ${path} are also in ${training.path}, compared on the model's columns at its precision`;
    const label = "evaluation rows shared with training";
    results.push(compare({ ...exact, relation: "<=", label, value: shared / rows, bound: leakage.max, why }));
  }
  const similarRows = near && countOf(nearDuplicates(...pair, equal));
  if (similar && similarRows !== undefined) {
    const why = `${similarRows} of ${rows} rows of ${path} are nearly identical to a row of ${training.path}: numbers within ${CELL} standard deviations, all other values equal; exact copies: ${shared}`;
    const label = "evaluation rows nearly identical to a training row";
    results.push(compare({ ...similar, relation: "<=", label, value: similarRows / rows, bound: near.max, why }));
  }
  return { facts: { sharedRows: shared, ...(similarRows !== undefined && { nearDuplicates: similarRows }) }, results };
}

const SCORE_WORDS: Readonly<Record<ScoreKind, string>> = {
  auc: "a ROC AUC of",
  skill: "a share of avoided errors of",
  r2: "an R2 of",
};
/** Maximum number of columns in the report. */
const MAX_COLUMNS = 10;

/** Bounds how well the best single column predicts the truth. */
export function judgeLabelLeakage({ signature, evaluation }: LeakageSnapshots, { max, level = "advisory" }: Terms) {
  const check = { check: "data.labelLeakage", group, level } as const;
  const { truth } = evaluation;
  const found = truth ? labelLeakage(modelTable(signature, evaluation), truth) : "the snapshot was read without labels";
  if (typeof found === "string") return { facts: {}, results: [inconclusive(check, `label leakage: ${found}`)] };
  const { kind, columns } = found;
  const [{ column, score } = { column: "", score: Number.NaN }] = columns;
  const why = `each column alone predicts from its nearest values, cross-fitted on two halves of at most 20000 rows of ${evaluation.path}`;
  const label = `column ${column} alone predicts the label with ${SCORE_WORDS[kind]}`;
  const reported: LabelLeakage = { kind, columns: columns.slice(0, MAX_COLUMNS) };
  return {
    facts: { labelLeakage: reported },
    results: [compare({ ...check, relation: "<=", label, value: score, bound: max, why })],
  };
}
