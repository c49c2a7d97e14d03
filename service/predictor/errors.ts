/** A model that cannot be opened or did not answer as a model must. The message names the file or output at fault. */
export class PredictorError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "PredictorError";
  }
}

/** The fault of these features with this model, not of the service: a caller may be told which row it is, and why. */
export class RowError extends PredictorError {
  /** Index of the first such row, from 0. */
  readonly row: number;

  /** @param message for the caller: names the row, and nothing of this machine */
  constructor(row: number, message: string) {
    super(message);
    this.name = "RowError";
    this.row = row;
  }
}

/** The model answered NaN or infinity for finite features: an overflow inside the model. */
export class NonFiniteAnswerError extends RowError {
  constructor(row: number) {
    super(row, `the model has no finite answer for row ${row}`);
    this.name = "NonFiniteAnswerError";
  }
}
