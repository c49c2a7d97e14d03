import type { Signature } from "../../../service/predictor/signature.ts";
import type { Snapshot } from "../../snapshot.ts";
import { compare, inconclusive, type Level } from "../bounds.ts";
import type { CheckResult } from "../check.ts";
import { labelLeakage, type ScoreKind } from "../label-leakage.ts";
import { modelPair, modelTable } from "../model-table.ts";
import { CELL, nearDuplicates } from "../near-duplicates.ts";
import { countOf, sharedRows } from "../shared-rows.ts";

const group = "data";

/** Checks of a policy that are advisory unless their level says otherwise. */
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

/** Counts evaluation rows that are also in training. */
export function judgeCopies(
  { signature, evaluation, training }: LeakageSnapshots,
  {
    leakage,
    nearDuplicates: near,
  }: { readonly leakage?: Terms | undefined; readonly nearDuplicates?: Terms | undefined },
) {
  const exactly = leakage && ({ check: "data.leakage", group, level: leakage.level } as const);
  const nearly = near && ({ check: "data.nearDuplicates", group, level: near.level ?? "advisory" } as const);
  const checks = [exactly, nearly].filter((check) => check !== undefined);
  const open = (why: string) => ({ facts: {}, results: checks.map((check) => inconclusive(check, `leakage: ${why}`)) });
  if (checks.length === 0) return { facts: {}, results: [] };
  if (!training) return open("no training snapshot is set (data.training)");
  const pair = modelPair(signature, evaluation, training);
  if (typeof pair === "string") return open(pair);
  const { rows, path } = evaluation;
  const equal = sharedRows(...pair);
  const shared = countOf(equal);
  const results: CheckResult[] = [];
  if (exactly && leakage) {
    const why = `${shared} of ${rows} rows of ${path} are also in ${training.path}, by the model's columns and precision`;
    const label = "evaluation rows shared with training";
    results.push(compare({ ...exactly, relation: "<=", label, value: shared / rows, bound: leakage.max, why }));
  }
  const similar = near && countOf(nearDuplicates(...pair, equal));
  if (nearly && similar !== undefined) {
    const why = `${similar} of ${rows} rows of ${path} nearly equal a row of ${training.path}: numbers within ${CELL} standard deviations, all else equal; exact copies: ${shared}`;
    const label = "evaluation rows that nearly equal a training row";
    results.push(compare({ ...nearly, relation: "<=", label, value: similar / rows, bound: near.max, why }));
  }
  return { facts: { sharedRows: shared, ...(similar !== undefined && { nearDuplicates: similar }) }, results };
}

const SCORE_WORDS: Readonly<Record<ScoreKind, string>> = {
  auc: "a ROC AUC of",
  skill: "a share of avoided errors of",
  r2: "an R2 of",
};
/** Maximum number of columns in the report. */
const MOST_SCORES = 10;

export function judgeLabelLeakage({ signature, evaluation }: LeakageSnapshots, { max, level = "advisory" }: Terms) {
  const check = { check: "data.labelLeakage", group, level } as const;
  const { truth } = evaluation;
  const found = truth ? labelLeakage(modelTable(signature, evaluation), truth) : "no label was read";
  if (typeof found === "string") return { facts: {}, results: [inconclusive(check, `label leakage: ${found}`)] };
  const { kind, columns } = found;
  const [{ column, score } = { column: "", score: Number.NaN }] = columns;
  const why = `each column alone predicts by nearest values: one half of at most 20000 rows of ${evaluation.path} predicts the other`;
  const label = `column ${column} alone predicts the label with ${SCORE_WORDS[kind]}`;
  return {
    facts: { labelLeakage: { kind, columns: columns.slice(0, MOST_SCORES) } },
    results: [compare({ ...check, relation: "<=", label, value: score, bound: max, why })],
  };
}
