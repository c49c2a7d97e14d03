import type { Prediction } from "../../../data/prediction.ts";
import { sliceRows, type Table } from "../../../data/table.ts";
import { PredictorError } from "../../../service/predictor/errors.ts";
import type { Predictor } from "../../../service/predictor/predictor.ts";

/** The model answers what is no label, no probability or no value of what is known of the rows. */
export class ImpossibleAnswer extends PredictorError {}

/** Rows a run: enough to make the cost of a call vanish, few enough to keep the copies small. */
const BATCH = 8_192;

/** Rows as a model takes them; a part is made when it is asked for. */
export interface RowSource {
  readonly rows: number;
  part(start: number, rows: number): Table;
}

export const partsOf = (table: Table): RowSource => ({
  rows: table.rows,
  part: (start, rows) => sliceRows(table, start, rows),
});

/** What keeps a model's answers. */
export interface AnswerKeeper {
  /** @param start row of the first answer @param asked the rows that are answered */
  take(prediction: Prediction, start: number, asked: Table): void;
}

/** Runs a model over many rows, some thousands at a time. @param from number of the first row */
export async function answerRows<Keeper extends AnswerKeeper>(
  predictor: Pick<Predictor, "predict">,
  source: RowSource,
  keeper: Keeper,
  from = 0,
): Promise<Keeper> {
  for (let start = 0; start < source.rows; start += BATCH) {
    const asked = source.part(start, Math.min(BATCH, source.rows - start));
    keeper.take(await predictor.predict(asked), from + start, asked);
  }
  return keeper;
}
