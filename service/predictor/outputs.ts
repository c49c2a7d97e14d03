import { sizeOf } from "../../data/field.ts";
import type { ClassName } from "../../data/prediction.ts";
import { PredictorError } from "./errors.ts";
import type { GraphAnalysis } from "./graph-analysis.ts";
import type { PredictionHints } from "./hints.ts";
import type { TensorType } from "./tensor.ts";

/** An output of the model, as observed in a trial run. */
export interface ObservedOutput {
  readonly name: string;
  readonly type: TensorType;
  /** Dimensions after the first, which is the number of rows. */
  readonly inner: readonly number[];
  /** Whether its shape is [1, rows], as skl2onnx writes some classifiers' labels. It still has one value per row. */
  readonly isAcross?: boolean | undefined;
  /** Values for rows of zeros; undefined if the model rejects them. */
  readonly numbers?: Float32Array | Float64Array | undefined;
}

/** How the outputs make up the prediction. */
export type OutputPlan = ClassPlan | ValuePlan;

export interface ClassPlan {
  readonly kind: "classes";
  readonly label?: ObservedOutput | undefined;
  /** One output for all classes, or one per class. */
  readonly scores: readonly ObservedOutput[];
  /** Scores per row, before `activation`. */
  readonly width: number;
  readonly areProbabilities: boolean;
  /** In the order of the scores; undefined if they are not named. */
  readonly classes?: readonly ClassName[] | undefined;
  readonly order: Order;
  /** Activation to apply to the scores. */
  readonly activation?: "sigmoid" | "softmax" | undefined;
  readonly threshold?: { readonly value: number; readonly positive: number } | undefined;
}

/**
 * Source of the classes' order: a declaration, constants from which the graph selects its labels, or a guess. Only a declaration overrides the observed
 * labels.
 */
type Order = "stated" | "read" | "guessed";

interface ValuePlan {
  readonly kind: "values";
  readonly values: ObservedOutput;
}

/** Output names of this project's trainer and of skl2onnx. */
export const LABEL_NAMES: readonly string[] = ["label", "output_label"];
const PROBABILITY_NAMES = ["probabilities", "output_probability"];

const only = <Item>(items: readonly Item[]) => (items.length === 1 ? items[0] : undefined);
const isFloat = ({ type }: ObservedOutput) => type.startsWith("float");
const isSingle = ({ inner }: ObservedOutput) => sizeOf(inner) === 1;
const isLabel = (output: ObservedOutput) => !isFloat(output) && isSingle(output);
const described = (output: ObservedOutput) =>
  `${output.name} (a ${output.type} tensor [rows${output.inner.map((size) => `,${size}`).join("")}])`;

/**
 * Determines which outputs make up the prediction. MLmodel's metadata takes precedence. Otherwise the label is found by its name, or as the only integer,
 * string or boolean per row. Scores are found by their name, as the only other floats, or as one output per class. Without a label, the only numeric
 * output is a regression's values; several labels per row are also treated as values.
 * @param hasSigmoid whether the graph contains a sigmoid
 * @throws PredictorError if the outputs are ambiguous or inconsistent
 */
export function planOutputs(
  outputs: readonly ObservedOutput[],
  analysis: GraphAnalysis,
  hints: PredictionHints,
  hasSigmoid = false,
): OutputPlan {
  const hinted = (member: "output" | "label") => {
    const name = hints[member];
    if (name === undefined) return undefined;
    const found = outputs.find((output) => output.name === name);
    if (found) return found;
    throw new PredictorError(
      `MLmodel's metadata.prediction.${member} is ${JSON.stringify(name)}, but the model's outputs are ${outputs.map((output) => output.name).join(", ")}`,
    );
  };
  const named = (names: readonly string[]) => outputs.find(({ name }) => names.includes(name));
  const output = hinted("output");
  if (hints.task === "regression") return valuePlan(output ?? only(outputs.filter(isFloat)), outputs);
  const label = hinted("label") ?? named(LABEL_NAMES) ?? only(outputs.filter(isLabel));
  if (!label && (hints.task === undefined || hints.task === "anomaly"))
    return valuePlan(output ?? only(outputs.filter((one) => one.type !== "string")), outputs);
  if (label && !isSingle(label)) {
    if (hints.task === undefined && !hints.label && label.type !== "string") return valuePlan(output ?? label, outputs);
    throw new PredictorError(
      `output ${described(label)} has several labels per row; multi-label classification is not supported. To serve its numbers as values, name the output when you log the model: metadata={"prediction": {"task": "regression", "output": "…"}}`,
    );
  }
  if (label && isFloat(label) && outputs.length === 1)
    throw new PredictorError(
      `output ${label.name} is a ${label.type} tensor, but labels must be integers, strings or booleans`,
    );
  const floats = outputs.filter((one) => one !== label && isFloat(one));
  const classOutputs = outputPerClass(floats, analysis.labels.get(label?.name ?? "")?.classes ?? analysis.classes);
  const found = output ?? named(PROBABILITY_NAMES) ?? only(floats);
  const scores = found ? [found] : classOutputs;
  if (!label && scores.length === 0) throw undecided(outputs);
  for (const one of scores)
    if (!isFloat(one) || one.inner.filter((size) => size > 1).length > 1)
      throw new PredictorError(`output ${described(one)} must have one list of floats per row to hold class scores`);
  return classPlan(label, scores, analysis, hints, hasSigmoid);
}

function valuePlan(values: ObservedOutput | undefined, outputs: readonly ObservedOutput[]): ValuePlan {
  if (!values) throw undecided(outputs);
  if (values.type === "string") throw new PredictorError(`output ${described(values)} must be numeric`);
  return { kind: "values", values };
}

const undecided = (outputs: readonly ObservedOutput[]) =>
  new PredictorError(
    `cannot determine which output is the prediction; the outputs are ${outputs.map(described).join("; ")}. ` +
      'Name it when you log the model: metadata={"prediction": {"task": "classification", "output": "…"}}, or "regression"',
  );

/** Finds the outputs of skl2onnx's `zipmap="columns"`: one per class, named by a letter for its type and the class. */
function outputPerClass(
  floats: readonly ObservedOutput[],
  classes: readonly ClassName[] | undefined,
): readonly ObservedOutput[] {
  const isNamed = ({ name }: ObservedOutput, index: number) =>
    classes ? [`i${classes[index]}`, `s${classes[index]}`, `${classes[index]}`].includes(name) : /^[is]./.test(name);
  const fits = floats.length > 1 && (!classes || classes.length === floats.length);
  return fits && floats.every(isSingle) && floats.every(isNamed) ? floats : [];
}

function classPlan(
  label: ObservedOutput | undefined,
  scores: readonly ObservedOutput[],
  analysis: GraphAnalysis,
  hints: PredictionHints,
  hasSigmoid: boolean,
): ClassPlan {
  const [first] = scores;
  const width = scores.length > 1 ? scores.length : first ? sizeOf(first.inner) : 0;
  const activation = hints.activation === "none" ? undefined : hints.activation;
  const areProbabilities =
    first !== undefined && (hints.activation !== undefined || seemProbabilities(scores, width, hasSigmoid, analysis));
  // A single probability belongs to the second of two classes.
  const count = width === 1 && areProbabilities ? 2 : width;
  const { classes, order } = namedClasses(label, scores, analysis, hints, count);
  if (classes && count > 0 && classes.length !== count && width !== 1)
    throw new PredictorError(
      `MLmodel's metadata.prediction.classes names ${classes.length} classes, but the model returns ${count} scores per row`,
    );
  if (!label && width === 1 && !areProbabilities)
    throw new PredictorError(
      `output ${first?.name} has one score per row that may not be a probability: set "activation" in MLmodel's metadata.prediction to "sigmoid" for logits or to "none" for probabilities`,
    );
  return {
    kind: "classes",
    label,
    scores,
    width,
    areProbabilities,
    classes,
    order: label && count > 1 ? order : "stated",
    activation,
    threshold: threshold(hints, classes, areProbabilities),
  };
}

interface Named {
  readonly classes?: readonly ClassName[] | undefined;
  readonly order: Order;
}

/**
 * Names the score columns: from MLmodel's metadata, a ZipMap, the constant from which labels are selected, or by running the end of the graph. Other names
 * from the graph's classifiers, or the indexes 0, 1 and so on, are assumptions.
 */
function namedClasses(
  label: ObservedOutput | undefined,
  scores: readonly ObservedOutput[],
  { zipMaps, labels, classes, columnLabels }: GraphAnalysis,
  hints: PredictionHints,
  count: number,
): Named {
  const known = (names: readonly ClassName[] | undefined, order: Order): Named => ({ classes: names, order });
  if (hints.classes) return known(hints.classes, "stated");
  const own = labels.get(label?.name ?? "");
  const fits = (names: readonly ClassName[] | undefined) => names && (names.length === count || count === 0);
  const zipped = zipMaps.get(scores[0]?.name ?? "");
  if (zipped && (own ? areSame(zipped, own.classes) : isOfKind(label, zipped))) return known(zipped, "stated");
  // Labels are mapped after the classifier, but the ZipMap's keys are not. Both follow the classifier's order if it is ascending.
  if (zipped && own && fits(own.classes)) return known(own.classes, "read");
  if (own && fits(own.classes)) return known(own.classes, own.mayDisagree ? "stated" : "read");
  if (fits(classes) && isOfKind(label, classes)) return known(classes, "guessed");
  const [one, ...more] = scores;
  if (label && one && more.length === 0 && count > 1 && (one.type === "float32" || one.type === "float64")) {
    const classifierOutputs = { label: label.name, scores: one.name, type: one.type, width: sizeOf(one.inner) };
    const run = columnLabels?.(classifierOutputs);
    if (run) return known(run, "read");
  }
  if (label?.type === "bool") return known([false, true], "guessed");
  if (count > 1 && label?.type !== "string")
    return known(
      Array.from({ length: count }, (_, index) => index),
      "guessed",
    );
  return known(undefined, "guessed");
}

const areSame = (some: readonly ClassName[], others: readonly ClassName[]): boolean =>
  some.length === others.length && some.every((one) => others.includes(one));

/** Whether an output's labels can be these classes: integers may be indexes into a list of strings, but strings cannot be numbers. */
const isOfKind = (label: ObservedOutput | undefined, classes: readonly ClassName[] = []): boolean =>
  label?.type !== "string" || classes.every((one) => typeof one === "string");

function threshold(
  { threshold: value, positive }: PredictionHints,
  classes: readonly ClassName[] | undefined,
  areProbabilities: boolean,
): ClassPlan["threshold"] {
  if (value === undefined) return undefined;
  if (!areProbabilities || classes?.length !== 2)
    throw new PredictorError(
      `MLmodel's metadata.prediction.threshold requires probabilities of two classes; the model returns ${areProbabilities ? `${classes?.length ?? "unknown"} classes` : "no probabilities"}`,
    );
  const index = positive === undefined ? 1 : classes.indexOf(positive);
  if (index < 0)
    throw new PredictorError(
      `MLmodel's metadata.prediction.positive is ${JSON.stringify(positive)}, but the classes are ${JSON.stringify(classes)}`,
    );
  return { value, positive: index };
}

/** Maximum deviation of probabilities from 0, 1 and a sum of 1 through rounding to float16. */
const ROUNDING = 1e-2;

/**
 * Whether scores are probabilities, judging by name and by their values for rows of zeros. Outputs with a name for probabilities are, unless a value is
 * outside 0 to 1. Others are if they also sum to 1, or if there is only one and the graph has a sigmoid.
 */
function seemProbabilities(
  scores: readonly ObservedOutput[],
  width: number,
  hasSigmoid: boolean,
  { zipMaps }: GraphAnalysis,
): boolean {
  const [first] = scores;
  const hasProbabilityName =
    scores.length > 1 || PROBABILITY_NAMES.includes(first?.name ?? "") || zipMaps.has(first?.name ?? "");
  const values = scores.flatMap(({ numbers }) => [...(numbers ?? [])]);
  // Zeros may not be a sensible input.
  if (values.length === 0 || !values.every(Number.isFinite)) return hasProbabilityName;
  if (!values.every((value) => value >= -ROUNDING && value <= 1 + ROUNDING)) return false;
  if (hasProbabilityName) return true;
  if (width === 1) return hasSigmoid;
  const rows = values.length / width;
  return Math.abs(values.reduce((sum, value) => sum + value, 0) - rows) <= ROUNDING * rows;
}
