import type { WorstRows } from "../worst-rows.ts";
import type { FigureTable } from "./figure.ts";
import { formatNumber, NONE } from "./words.ts";

const BY = {
  probability: "the less probability the model gave to the truth, the worse",
  score: "the further the score lies from where the answer changes, the worse",
  order: "the model gives no probabilities, so these are the first ones",
  residual: "by the distance of answer and truth",
} as const;

/** What stands above the table of the rows that were most wrong. */
export function worstCaption({ by, wrong, rows, idColumn, withoutIds }: WorstRows): string {
  if (rows.length === 0) return "The model got no row wrong.";
  const isSeveralTargets = rows.some(({ target }) => target !== undefined);
  const order = `${BY[by]}${isSeveralTargets ? ", in root mean squared errors of its target" : ""}`;
  const count = wrong === undefined ? `${rows.length} rows` : `${rows.length} of ${wrong} wrong rows`;
  const names =
    withoutIds !== undefined
      ? ` Named by their number: data.id: ${withoutIds}.`
      : idColumn === undefined
        ? " Rows are named by their number in the snapshot; data.id names a column instead."
        : "";
  return `${count}, ${order}.${names} The other columns are not shown: they may be personal data.`;
}

/** The rows that were most wrong; a column is there when a row has something for it. */
export function worstTable({ rows, idColumn, withoutIds }: WorstRows): FigureTable {
  const has = (key: "target" | "probability" | "score" | "residual") => rows.some((row) => row[key] !== undefined);
  const hasIds = idColumn !== undefined && withoutIds === undefined;
  const number = (value: number | undefined) => (value === undefined ? NONE : formatNumber(value));
  const shown = (value: string | number | boolean) => (typeof value === "number" ? formatNumber(value) : String(value));
  return {
    head: [
      "Row",
      ...(hasIds ? [idColumn] : []),
      ...(has("target") ? ["Target"] : []),
      ...["Truth", "Answer"],
      ...(has("probability") ? ["Probability of the truth"] : []),
      ...(has("score") ? ["Score"] : []),
      ...(has("residual") ? ["Answer - truth"] : []),
    ],
    rows: rows.map(({ row, id, target, truth, answer, probability, score, residual }) => [
      row,
      ...(hasIds ? [id ?? NONE] : []),
      ...(has("target") ? [target ?? NONE] : []),
      ...[shown(truth), shown(answer)],
      ...(has("probability") ? [number(probability)] : []),
      ...(has("score") ? [number(score)] : []),
      ...(has("residual") ? [number(residual)] : []),
    ]),
  };
}
