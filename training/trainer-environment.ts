import { z } from "zod";
import { type DataFormat, parseFormat } from "../data/reader/data-format.ts";

/** The sample model, which is the default of every stack. */
export const SAMPLE_MODEL = "churn-model";

/** A trainer's inputs, from the environment variables that every trainer of this project reads. */
export interface TrainerEnvironment {
  /** MLFLOW_EXPERIMENT_NAME */
  readonly experiment: string;
  /** MODEL_NAME: registered model that receives the new version. */
  readonly model: string;
  /** TRAINING_DATA: path of a CSV or Parquet file, or of a folder of Parquet files, with its DVC pointer next to it. */
  readonly trainingData: string;
  /** EVALUATION_DATA: likewise; for the metrics that the trainer itself reports. */
  readonly evaluationData: string;
  /** TRAINING_PARAMS: a JSON object. */
  readonly params: TrainingParams;
  /** DATA_FORMAT: format of the snapshots, a JSON object with the stack's keys under `data`; unset if the stack has none. */
  readonly format?: DataFormat | undefined;
}

const paramsSchema = z.strictObject({
  C: z.number().positive().default(1),
  maxIterations: z.int().positive().default(200),
});

type TrainingParams = z.infer<typeof paramsSchema>;

/** Reads the environment. @throws Error that names every missing or invalid variable and how to set it */
export function readTrainerEnvironment(env: Record<string, string | undefined>): TrainerEnvironment {
  const problems: string[] = [];
  const required = (name: string, example: string): string => {
    const value = env[name];
    if (!value) problems.push(`${name} is not set (for example ${name}=${example})`);
    return value ?? "";
  };
  const environment = {
    experiment: required("MLFLOW_EXPERIMENT_NAME", "churn"),
    model: required("MODEL_NAME", SAMPLE_MODEL),
    trainingData: required("TRAINING_DATA", "training/data/churn/train.csv"),
    evaluationData: required("EVALUATION_DATA", "training/data/churn/evaluation.csv"),
    params: readParams(env.TRAINING_PARAMS || "{}", problems),
    format: readFormat(env.DATA_FORMAT, problems),
  };
  if (problems.length > 0) throw new Error(problems.join("; "));
  return environment;
}

function readFormat(text: string | undefined, problems: string[]): DataFormat | undefined {
  if (!text) return undefined;
  try {
    return parseFormat(text, "DATA_FORMAT");
  } catch (error) {
    problems.push((error as Error).message);
    return undefined;
  }
}

function readParams(text: string, problems: string[]): TrainingParams {
  const parsed = paramsSchema.safeParse(jsonOrUndefined(text));
  if (parsed.success) return parsed.data;
  const known = Object.keys(paramsSchema.shape).join(", ");
  for (const issue of parsed.error.issues)
    if (issue.code === "unrecognized_keys")
      problems.push(`TRAINING_PARAMS has unknown ${issue.keys.map((key) => `"${key}"`).join(", ")} (known: ${known})`);
    else if (issue.path.length === 0)
      problems.push(`TRAINING_PARAMS must be a JSON object such as {"C": 1, "maxIterations": 200}, got ${text}`);
    else problems.push(`TRAINING_PARAMS.${issue.path.join(".")}: ${issue.message}`);
  return paramsSchema.parse({});
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
