/** The sample model, which is the default of every stack. */
export const SAMPLE_MODEL = "churn-model";
