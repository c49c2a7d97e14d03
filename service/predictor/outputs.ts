import { sizeOf } from "../../data/field.ts";
import type { ClassName } from "../../data/prediction.ts";
import { PredictorError } from "./errors.ts";
import type { GraphAnalysis } from "./graph-analysis.ts";
import type { PredictionHints } from "./hints.ts";
import type { TensorType } from "./tensor.ts";

/** An output of the model, as observed on some rows. */
export interface SeenOutput {
  readonly name: string;
  readonly type: TensorType;
  /** Dimensions after the first, which is the number of rows. */
  readonly inner: readonly number[];
  /** Whether its shape is [1, rows], as skl2onnx writes some classifiers' labels: still one value per row. */
  readonly isAcross?: boolean | undefined;
  /** Values for rows of zeros; undefined if the model rejects them. */
  readonly numbers?: Float32Array | Float64Array | undefined;
}

/** Which outputs make up the prediction, and how. */
export type OutputPlan = ClassPlan | ValuePlan;

export interface ClassPlan {
  readonly kind: "classes";
  readonly label?: SeenOutput | undefined;
  /** One output for all classes, or one per class. */
  readonly scores: readonly SeenOutput[];
  /** Scores per row, before `activation`. */
  readonly width: number;
  readonly areProbabilities: boolean;
  /** In the order of the scores; undefined if nothing names them. */
  readonly classes?: readonly ClassName[] | undefined;
  readonly order: Order;
  /** To apply to the scores. */
  readonly activation?: "sigmoid" | "softmax" | undefined;
  readonly threshold?: { readonly value: number; readonly positive: number } | undefined;
}

/** What the order of the classes is based on: a declaration, constants that the graph picks its labels from, or a guess. Only a declaration overrides the observed labels. */
export type Order = "stated" | "read" | "guessed";

export interface ValuePlan {
  readonly kind: "values";
  readonly values: SeenOutput;
}

/** Names that our trainer and skl2onnx use. */
export const LABEL_NAMES: readonly string[] = ["label", "output_label"];
const PROBABILITY_NAMES = ["probabilities", "output_probability"];

const only = <Item>(items: readonly Item[]) => (items.length === 1 ? items[0] : undefined);
const isFloat = ({ type }: SeenOutput) => type.startsWith("float");
const isSingle = ({ inner }: SeenOutput) => sizeOf(inner) === 1;
const isLabel = (output: SeenOutput) => !isFloat(output) && isSingle(output);
const described = (output: SeenOutput) =>
  `${output.name}, a ${output.type} tensor [rows${output.inner.map((size) => `,${size}`).join("")}]`;

/**
 * Determines which outputs make up the prediction. MLmodel's metadata has priority. Otherwise the label is found by its name, or as the only integer, text or
 * boolean per row; the scores by their name, as the only other floats, or as one output per class. Without a label, or with several labels per row, the
 * only output of numbers (or those labels) is a regression's values.
 * @param hasSigmoid the graph contains such an operator
 * @throws PredictorError if this is ambiguous or inconsistent
 */
export function planOutputs(
  outputs: readonly SeenOutput[],
  facts: GraphAnalysis,
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
      `output ${described(label)}, has several labels per row; multi-label classification is not supported. To serve numbers as values, name their output when you log the model: metadata={"prediction": {"task": "regression", "output": "…"}}`,
    );
  }
  if (label && isFloat(label) && outputs.length === 1)
    throw new PredictorError(`output ${label.name} is a ${label.type} tensor: integers, texts and booleans are labels`);
  const floats = outputs.filter((one) => one !== label && isFloat(one));
  const classOutputs = oneAClass(floats, facts.labels.get(label?.name ?? "")?.classes ?? facts.classes);
  const found = output ?? named(PROBABILITY_NAMES) ?? only(floats);
  const scores = found ? [found] : classOutputs;
  if (!label && scores.length === 0) throw undecided(outputs);
  for (const one of scores)
    if (!isFloat(one) || one.inner.filter((size) => size > 1).length > 1)
      throw new PredictorError(`output ${described(one)}, must have one list of floats per row to hold class scores`);
  return classPlan(label, scores, facts, hints, hasSigmoid);
}

function valuePlan(values: SeenOutput | undefined, outputs: readonly SeenOutput[]): ValuePlan {
  if (!values) throw undecided(outputs);
  if (values.type === "string") throw new PredictorError(`output ${described(values)}, must hold numbers`);
  return { kind: "values", values };
}

const undecided = (outputs: readonly SeenOutput[]) =>
  new PredictorError(
    `cannot determine which output is the prediction; the outputs are ${outputs.map(described).join("; ")}. ` +
      'Name it when you log the model: metadata={"prediction": {"task": "classification", "output": "…"}}, or "regression"',
  );

/** skl2onnx's `zipmap="columns"`: one output per class, named by the class after a letter for its type. */
function oneAClass(floats: readonly SeenOutput[], classes: readonly ClassName[] | undefined): readonly SeenOutput[] {
  const isNamed = ({ name }: SeenOutput, index: number) =>
    classes ? [`i${classes[index]}`, `s${classes[index]}`, `${classes[index]}`].includes(name) : /^[is]./.test(name);
  const fits = floats.length > 1 && (!classes || classes.length === floats.length);
  return fits && floats.every(isSingle) && floats.every(isNamed) ? floats : [];
}

function classPlan(
  label: SeenOutput | undefined,
  scores: readonly SeenOutput[],
  facts: GraphAnalysis,
  hints: PredictionHints,
  hasSigmoid: boolean,
): ClassPlan {
  const [first] = scores;
  const width = scores.length > 1 ? scores.length : first ? sizeOf(first.inner) : 0;
  const activation = hints.activation === "none" ? undefined : hints.activation;
  const areProbabilities =
    first !== undefined && (hints.activation !== undefined || seemProbabilities(scores, width, hasSigmoid, facts));
  // A single probability is that of the second of two classes.
  const count = width === 1 && areProbabilities ? 2 : width;
  const { classes, order } = namedClasses(label, scores, facts, hints, count);
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
 * Names the scores' columns: by MLmodel's metadata, a ZipMap, the constant that labels are picked from, or the labels that the graph's end gives each column.
 * Other names from the graph's classifiers, or the indexes 0, 1 and so on, are an assumption.
 */
function namedClasses(
  label: SeenOutput | undefined,
  scores: readonly SeenOutput[],
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
  // Labels are translated after the classifier, the ZipMap's keys are not: both follow the classifier's order if it is ascending.
  if (zipped && own && fits(own.classes)) return known(own.classes, "read");
  if (own && fits(own.classes)) return known(own.classes, own.mayDisagree ? "stated" : "read");
  if (fits(classes) && isOfKind(label, classes)) return known(classes, "guessed");
  const [one, ...more] = scores;
  if (label && one && more.length === 0 && count > 1 && (one.type === "float32" || one.type === "float64")) {
    const answering = { label: label.name, scores: one.name, type: one.type, width: sizeOf(one.inner) };
    const run = columnLabels?.(answering);
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

/** Whether this output's labels can be these classes: integers may be indexes into a list of texts, but texts are not numbers. */
const isOfKind = (label: SeenOutput | undefined, classes: readonly ClassName[] = []): boolean =>
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
  const place = positive === undefined ? 1 : classes.indexOf(positive);
  if (place < 0)
    throw new PredictorError(
      `MLmodel's metadata.prediction.positive is ${JSON.stringify(positive)}, but the classes are ${JSON.stringify(classes)}`,
    );
  return { value, positive: place };
}

/** How far rounding to float16 may take probabilities from 0, 1 and a sum of 1. */
const ROUNDING = 1e-2;

/**
 * Whether scores are probabilities, by name and by their values for rows of zeros. Outputs with such a name are, unless a value is outside 0 to 1;
 * others are if they also sum to 1, or if there is a single one and the graph has a sigmoid.
 */
function seemProbabilities(
  scores: readonly SeenOutput[],
  width: number,
  hasSigmoid: boolean,
  { zipMaps }: GraphAnalysis,
): boolean {
  const [first] = scores;
  const isCalledSo =
    scores.length > 1 || PROBABILITY_NAMES.includes(first?.name ?? "") || zipMaps.has(first?.name ?? "");
  const values = scores.flatMap(({ numbers }) => [...(numbers ?? [])]);
  // Zeros may be no sensible input.
  if (values.length === 0 || !values.every(Number.isFinite)) return isCalledSo;
  if (!values.every((value) => value >= -ROUNDING && value <= 1 + ROUNDING)) return false;
  if (isCalledSo) return true;
  if (width === 1) return hasSigmoid;
  const rows = values.length / width;
  return Math.abs(values.reduce((sum, value) => sum + value, 0) - rows) <= ROUNDING * rows;
}
