/** A model that cannot be opened or did not answer as a classifier must. The message names the file or output at fault. */
export class PredictorError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "PredictorError";
  }
}

/**
 * The model answered NaN or infinity for finite features: an overflow inside the model. It is the fault of these
 * features with this model, not of the service, so a caller may be told which row it is.
 */
export class NonFiniteAnswerError extends PredictorError {
  /** Index of the first such row, from 0. */
  readonly row: number;

  constructor(row: number) {
    super(`the model's probabilities for row ${row} are not finite numbers`);
    this.name = "NonFiniteAnswerError";
    this.row = row;
  }
}
