import type { CellResult } from "./cells.ts";

const CONFIDENCE = 0.95;
/** Rows from which cells should not be inconclusive. */
const MANY_ROWS = 400;

type MetricResult = Extract<CellResult, { kind: "metric" }>;

const isConclusive = ({ conclusive, simulations }: MetricResult) => conclusive * 2 >= simulations;
const errorOf = ({ low, high, conclusive }: MetricResult) => Math.max(low, high) / conclusive;
const largest = (values: readonly number[]) => Number(Math.max(0, ...values).toFixed(4));

/** Computes the figures of all cells. */
export function figuresOf(results: readonly CellResult[]) {
  const metrics = results.filter((one) => one.kind === "metric");
  const conclusive = metrics.filter(isConclusive);
  const many = metrics.filter(({ cell }) => cell.rows >= MANY_ROWS);
  const champions = results.filter((one) => one.kind === "champion");
  const drifts = results.filter((one) => one.kind === "drift");
  const categories = results.filter((one) => one.kind === "categories");
  return {
    cells: results.length,
    worstOneSidedError: largest(conclusive.map(errorOf)),
    worstUnderNominal: largest(
      conclusive.map(({ low, high, conclusive: all }) => (low + high) / all - (1 - CONFIDENCE)),
    ),
    inconclusiveShare: many.length === 0 ? 0 : largest([many.filter((one) => !isConclusive(one)).length / many.length]),
    psiFalseAlarms: largest(drifts.map(({ psi, simulations }) => psi / simulations)),
    categoryFalseAlarms: largest(categories.map(({ psi, simulations }) => psi / simulations)),
    ksFalseAlarms: largest(drifts.map(({ ks, simulations }) => ks / simulations)),
    classifierFalseAlarms: largest(drifts.map(({ classifier, classified }) => classifier / classified)),
    championWrongPass: largest(champions.map(({ passed, simulations }) => passed / simulations)),
  };
}

const share = (count: number, all: number) => (all === 0 ? "-" : (count / all).toFixed(4));

/** Describes a cell in one line. */
export function lineOf(result: CellResult): string {
  const { simulations } = result;
  if (result.kind === "categories") {
    const { law, categories, rows, reference } = result.cell;
    return `categories ${law} ${categories} ${rows}:${reference} psi ${share(result.psi, simulations)}`;
  }
  if (result.kind === "drift")
    return `drift ${result.cell.columns} ${result.cell.rows}:${result.cell.reference} psi ${share(result.psi, simulations)} ks ${share(result.ks, simulations)} classifier ${share(result.classifier, result.classified)}`;
  const { cell } = result;
  const name = `${cell.task} ${cell.metric} ${cell.rows} ${cell.prevalence}${cell.weights ? ` weights ${cell.weights}` : ""}`;
  if (result.kind === "champion")
    return `champion ${name} wrong pass ${share(result.passed, simulations)} inconclusive ${share(result.inconclusive, simulations)}`;
  return `metric ${name} low ${share(result.low, result.conclusive)} high ${share(result.high, result.conclusive)} inconclusive ${share(simulations - result.conclusive, simulations)}`;
}
