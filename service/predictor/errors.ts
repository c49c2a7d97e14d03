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
  /** @param output that is not the prediction, where it is one */
  constructor(row: number, output?: string) {
    super(
      row,
      output === undefined
        ? `the model has no finite answer for row ${row}`
        : `output ${output} is not finite for row ${row}, which JSON cannot say: /predict answers without it, and the Open Inference Protocol where "outputs" does not name it`,
    );
    this.name = "NonFiniteAnswerError";
  }
}

/** How the order of the scores is said. */
export const HOW_TO_NAME =
  'Name them when the model is logged, in the order of the columns: metadata={"prediction": {"classes": […]}}';

/** The model labels a row as a class that none of its unnamed columns of scores is taken for: their order would be a guess. */
export class UnnamedClassesError extends PredictorError {
  constructor(output: string, label: unknown, row: number, assumed: readonly unknown[]) {
    const shown = assumed.length > 6 ? `${assumed.slice(0, 5).join(", ")}, …` : assumed.join(", ");
    super(
      `output ${output} is ${JSON.stringify(label)} for row ${row}, but the model does not name the classes of its ${assumed.length} columns of scores, which are taken for ${shown}. ${HOW_TO_NAME}`,
    );
    this.name = "UnnamedClassesError";
  }
}

/** The runtime stopped at a value of the features: an index outside of a table, a category that an encoder does not know. Which row has it is not known here. */
export class RefusedValueError extends PredictorError {
  override readonly name = "RefusedValueError";
}
