import type { WorstRows } from "../worst-rows.ts";
import type { FigureTable } from "./figure.ts";
import { formatNumber, NONE } from "./words.ts";

const BY = {
  probability: "ordered by the predicted probability of the truth, lowest first",
  score: "ordered by the score's distance from the decision threshold, largest first",
  order: "in row order, since the model returns no probabilities",
  residual: "ordered by absolute error, largest first",
} as const;

/** Caption of the table of the worst rows. */
export function worstCaption({ by, wrong, rows, idColumn, withoutIds }: WorstRows): string {
  if (rows.length === 0) return "The model predicted every row correctly.";
  const isSeveralTargets = rows.some(({ target }) => target !== undefined);
  const order = `${BY[by]}${isSeveralTargets ? ", in units of the target's root mean squared error" : ""}`;
  const count = wrong === undefined ? `${rows.length} rows` : `${rows.length} of ${wrong} wrong rows`;
  const names =
    withoutIds !== undefined
      ? ` Rows are identified by number, since data.id failed: ${withoutIds}.`
      : idColumn === undefined
        ? " Rows are identified by their number in the snapshot; set data.id to use a column instead."
        : "";
  return `${count}, ${order}.${names} Other columns are not shown: they may contain personal data.`;
}

/** The worst rows; a column is present if some row has a value for it. */
export function worstTable({ rows, idColumn, withoutIds }: WorstRows): FigureTable {
  const has = (key: "target" | "probability" | "score" | "residual") => rows.some((row) => row[key] !== undefined);
  const hasIds = idColumn !== undefined && withoutIds === undefined;
  const number = (value: number | undefined) => (value === undefined ? NONE : formatNumber(value));
  const formatted = (value: string | number | boolean) =>
    typeof value === "number" ? formatNumber(value) : String(value);
  return {
    head: [
      "Row",
      ...(hasIds ? [idColumn] : []),
      ...(has("target") ? ["Target"] : []),
      "Truth",
      "Prediction",
      ...(has("probability") ? ["Probability of the truth"] : []),
      ...(has("score") ? ["Score"] : []),
      ...(has("residual") ? ["Prediction - truth"] : []),
    ],
    rows: rows.map(({ row, id, target, truth, answer, probability, score, residual }) => [
      row,
      ...(hasIds ? [id ?? NONE] : []),
      ...(has("target") ? [target ?? NONE] : []),
      formatted(truth),
      formatted(answer),
      ...(has("probability") ? [number(probability)] : []),
      ...(has("score") ? [number(score)] : []),
      ...(has("residual") ? [number(residual)] : []),
    ]),
  };
}
