import type { Prediction } from "../../../data/prediction.ts";
import { sliceRows, type Table } from "../../../data/table.ts";
import { PredictorError } from "../../../service/predictor/errors.ts";
import type { Predictor } from "../../../service/predictor/predictor.ts";

/** The model returned a value that cannot be a label, probability or value for these rows. */
export class ImpossibleAnswer extends PredictorError {}

/** Rows per run: enough to amortize the cost of a call, few enough to keep copies small. */
const BATCH = 8_192;

/** Rows in the model's format, created on demand. */
export interface RowSource {
  readonly rows: number;
  part(start: number, rows: number): Table;
}

export const partsOf = (table: Table): RowSource => ({
  rows: table.rows,
  part: (start, rows) => sliceRows(table, start, rows),
});

/** Collects a model's predictions. */
export interface AnswerKeeper {
  /** @param start row of the first prediction @param batch its input rows */
  take(prediction: Prediction, start: number, batch: Table): void;
}

/** Runs a model over many rows, in batches of a few thousand. @param from number of the first row */
export async function answerRows<Keeper extends AnswerKeeper>(
  predictor: Pick<Predictor, "predict">,
  source: RowSource,
  keeper: Keeper,
  from = 0,
): Promise<Keeper> {
  for (let start = 0; start < source.rows; start += BATCH) {
    const batch = source.part(start, Math.min(BATCH, source.rows - start));
    keeper.take(await predictor.predict(batch), from + start, batch);
  }
  return keeper;
}
