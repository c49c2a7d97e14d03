/** The sample's model, and that of every stack that names none. */
export const SAMPLE_MODEL = "churn-model";
