import type { ClassName } from "../../data/prediction.ts";
import { PredictorError } from "./errors.ts";
import { isRecord } from "./signature.ts";

const TASKS = ["classification", "binary", "multiclass", "regression", "anomaly"] as const;
export type ModelTask = (typeof TASKS)[number];

/** Declarations in MLmodel's `metadata.prediction` of what the graph does not reveal. All members are optional. */
export interface PredictionHints {
  /** The task for which the gate evaluates the model. A classification is binary or multiclass. */
  readonly task?: ModelTask;
  /** Name of the output with the scores, or with a regression's values. */
  readonly output?: string;
  /** Name of the output with the label. */
  readonly label?: string;
  /** In the order of the scores. */
  readonly classes?: readonly ClassName[];
  /** Of two classes, the one to which the threshold applies. */
  readonly positive?: ClassName;
  /** Minimum score for the positive class. */
  readonly threshold?: number;
  /** Activation to apply to the scores; "none" if they are probabilities. */
  readonly activation?: "none" | "sigmoid" | "softmax";
  /** Which end of the scores indicates an anomaly. */
  readonly anomalyScores?: "low" | "high";
  /** Replaces a missing string. Default: the empty string. */
  readonly missingText?: string;
}

const isClass = (value: unknown): value is ClassName => ["string", "number", "boolean"].includes(typeof value);
const isOneOf =
  (...values: readonly string[]) =>
  (value: unknown) =>
    values.includes(value as string);
const isText = (value: unknown) => typeof value === "string";

const MEMBERS: Readonly<Record<keyof PredictionHints, readonly [(value: unknown) => boolean, string]>> = {
  task: [isOneOf(...TASKS), TASKS.map((task) => `"${task}"`).join(" or ")],
  output: [isText, "the name of an output"],
  label: [isText, "the name of an output"],
  classes: [
    (value) => Array.isArray(value) && value.length > 1 && value.every(isClass) && new Set(value).size === value.length,
    "a list of at least two distinct strings, numbers or booleans",
  ],
  positive: [isClass, "one of the classes"],
  threshold: [Number.isFinite, "a number"],
  activation: [isOneOf("none", "sigmoid", "softmax"), '"none", "sigmoid" or "softmax"'],
  anomalyScores: [isOneOf("low", "high"), '"low" or "high"'],
  missingText: [isText, "a string"],
};

/** Reads `metadata.prediction` of a parsed MLmodel file. @throws PredictorError for an unknown or invalid member */
export function parseHints(mlmodel: unknown): PredictionHints {
  const metadata = isRecord(mlmodel) ? mlmodel.metadata : undefined;
  const given = isRecord(metadata) ? metadata.prediction : undefined;
  if (given === undefined || given === null) return {};
  if (!isRecord(given))
    throw new PredictorError(`MLmodel's metadata.prediction must be a map, not ${JSON.stringify(given)}`);
  for (const [name, value] of Object.entries(given)) {
    const member = Object.hasOwn(MEMBERS, name) ? MEMBERS[name as keyof PredictionHints] : undefined;
    if (!member)
      throw new PredictorError(
        `MLmodel's metadata.prediction.${name} is not supported: its members are ${Object.keys(MEMBERS).join(", ")}`,
      );
    if (!member[0](value))
      throw new PredictorError(
        `MLmodel's metadata.prediction.${name} must be ${member[1]}, not ${JSON.stringify(value)}`,
      );
  }
  const hints = given as PredictionHints;
  const { classes, positive, threshold, task } = hints;
  if (task === "regression" && (classes || positive !== undefined || threshold !== undefined || hints.label))
    throw new PredictorError(
      "MLmodel's metadata.prediction has task regression, which does not support classes, positive, threshold or label",
    );
  if (hints.anomalyScores && task !== undefined && task !== "anomaly")
    throw new PredictorError(`MLmodel's metadata.prediction has anomalyScores, which task ${task} does not support`);
  if (positive !== undefined && classes && !classes.includes(positive))
    throw new PredictorError(
      `MLmodel's metadata.prediction.positive is ${JSON.stringify(positive)}, which is not one of its classes ${JSON.stringify(classes)}`,
    );
  return hints;
}
