/** The model cannot be opened, or returns an invalid answer. The message names the file or output at fault. */
export class PredictorError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "PredictorError";
  }
}

/** The model cannot process one of the rows, which is not the service's fault. The message tells the caller which row, and why. */
export class RowError extends PredictorError {
  /** Index of the first such row, from 0. */
  readonly row: number;

  /** @param message for the caller: names the row, and reveals nothing about this machine */
  constructor(row: number, message: string) {
    super(message);
    this.name = "RowError";
    this.row = row;
  }
}

/** The model returned NaN or infinity for finite features: an overflow inside the model. */
export class NonFiniteAnswerError extends RowError {
  /** @param output name, if it is not the prediction */
  constructor(row: number, output?: string) {
    super(
      row,
      output === undefined
        ? `the model's prediction for row ${row} is not finite`
        : `output ${output} is not finite for row ${row}, and JSON cannot represent that: use /predict, or leave the output out of "outputs" in the Open Inference Protocol`,
    );
    this.name = "NonFiniteAnswerError";
  }
}

/** Remedy: how to declare the order of the scores. */
export const HOW_TO_NAME =
  'Name them in the order of the columns when you log the model: metadata={"prediction": {"classes": […]}}';

/** The model's label for a row is not among the classes assumed for its unnamed score columns, so their order is unknown. */
export class UnnamedClassesError extends PredictorError {
  constructor(output: string, label: unknown, row: number, assumed: readonly unknown[]) {
    const listed = assumed.length > 6 ? `${assumed.slice(0, 5).join(", ")}, …` : assumed.join(", ");
    super(
      `output ${output} is ${JSON.stringify(label)} for row ${row}, but the model does not name the classes of its ${assumed.length} score columns, which were assumed to be ${listed}. ${HOW_TO_NAME}`,
    );
    this.name = "UnnamedClassesError";
  }
}

/** The runtime rejects a value, such as an index out of range or a category that an encoder does not know. The row is not known here. */
export class RejectedValueError extends PredictorError {
  override readonly name = "RejectedValueError";
}

/** Returns the type of a parsed value, for messages to the caller. */
export const kind = (value: unknown) =>
  value === null
    ? "null"
    : Array.isArray(value)
      ? "a list"
      : typeof value === "object"
        ? "an object"
        : `a ${typeof value}`;
