import { sizeOf } from "../../data/field.ts";
import type { ClassName } from "../../data/prediction.ts";
import { PredictorError } from "./errors.ts";
import type { GraphFacts } from "./graph-facts.ts";
import type { PredictionHints } from "./hints.ts";
import type { TensorType } from "./tensor.ts";

/** An output of the model, as answers to some rows have shown it. */
export interface SeenOutput {
  readonly name: string;
  readonly type: TensorType;
  /** Dimensions behind the first, which is the number of rows. */
  readonly inner: readonly number[];
  /** Whether it is [1, rows], as skl2onnx has the labels of some classifiers: a value a row all the same. */
  readonly isAcross?: boolean | undefined;
  /** Of rows of zeros; without it, the model could not answer these. */
  readonly numbers?: Float32Array | Float64Array | undefined;
}

/** Which of the outputs answer, and how. */
export type OutputPlan = ClassPlan | ValuePlan;

export interface ClassPlan {
  readonly kind: "classes";
  readonly label?: SeenOutput | undefined;
  /** One of all classes, or one for each class. */
  readonly scores: readonly SeenOutput[];
  /** Scores a row, before what `activation` makes of them. */
  readonly width: number;
  readonly areProbabilities: boolean;
  /** In the order of the scores; undefined where nothing names them. */
  readonly classes?: readonly ClassName[] | undefined;
  readonly order: Order;
  /** To be applied to the scores. */
  readonly activation?: "sigmoid" | "softmax" | undefined;
  readonly threshold?: { readonly value: number; readonly positive: number } | undefined;
}

/** What the order of the classes rests on: a statement, the constants that the graph makes its labels of, or nothing. Only a statement is above what the labels show. */
export type Order = "stated" | "read" | "guessed";

export interface ValuePlan {
  readonly kind: "values";
  readonly values: SeenOutput;
}

/** Ours, and those that skl2onnx writes. */
export const LABEL_NAMES: readonly string[] = ["label", "output_label"];
const PROBABILITY_NAMES = ["probabilities", "output_probability"];

const only = <Item>(items: readonly Item[]) => (items.length === 1 ? items[0] : undefined);
const isFloat = ({ type }: SeenOutput) => type.startsWith("float");
const isSingle = ({ inner }: SeenOutput) => sizeOf(inner) === 1;
const isLabel = (output: SeenOutput) => !isFloat(output) && isSingle(output);
const described = (output: SeenOutput) =>
  `${output.name}, a ${output.type} tensor [rows${output.inner.map((size) => `,${size}`).join("")}]`;

/**
 * Finds out which outputs answer. What MLmodel's metadata names comes first; then the label, by its name or as the only single integer, text or boolean
 * a row, and the scores by their name, as the only other floats, or as one output a class; without a label, or with several labels a row, the only output of
 * numbers or these labels are values.
 * @param hasSigmoid the graph has such an operator
 * @throws PredictorError when it cannot be told, or does not fit
 */
export function planOutputs(
  outputs: readonly SeenOutput[],
  facts: GraphFacts,
  hints: PredictionHints,
  hasSigmoid = false,
): OutputPlan {
  const hinted = (member: "output" | "label") => {
    const name = hints[member];
    if (name === undefined) return undefined;
    const found = outputs.find((output) => output.name === name);
    if (found) return found;
    throw new PredictorError(
      `MLmodel's metadata.prediction.${member} names ${JSON.stringify(name)}; the model's outputs are ${outputs.map((output) => output.name).join(", ")}`,
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
      `output ${described(label)}, has several labels a row, which no classes can be. Name an output of numbers when the model is logged, which then are values: metadata={"prediction": {"task": "regression", "output": "…"}}`,
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
      throw new PredictorError(`output ${described(one)}, must have a list of floats a row to be scores of classes`);
  return classPlan(label, scores, facts, hints, hasSigmoid);
}

function valuePlan(values: SeenOutput | undefined, outputs: readonly SeenOutput[]): ValuePlan {
  if (!values) throw undecided(outputs);
  if (values.type === "string") throw new PredictorError(`output ${described(values)}, must be of numbers`);
  return { kind: "values", values };
}

const undecided = (outputs: readonly SeenOutput[]) =>
  new PredictorError(
    `cannot determine which output is the prediction: they are ${outputs.map(described).join("; ")}. ` +
      'Say it when the model is logged: metadata={"prediction": {"task": "classification", "output": "…"}}, or "regression"',
  );

/** skl2onnx's `zipmap="columns"`: an output for each class, named by it behind a letter for its type. */
function oneAClass(floats: readonly SeenOutput[], classes: readonly ClassName[] | undefined): readonly SeenOutput[] {
  const isNamed = ({ name }: SeenOutput, index: number) =>
    classes ? [`i${classes[index]}`, `s${classes[index]}`, `${classes[index]}`].includes(name) : /^[is]./.test(name);
  const fits = floats.length > 1 && (!classes || classes.length === floats.length);
  return fits && floats.every(isSingle) && floats.every(isNamed) ? floats : [];
}

function classPlan(
  label: SeenOutput | undefined,
  scores: readonly SeenOutput[],
  facts: GraphFacts,
  hints: PredictionHints,
  hasSigmoid: boolean,
): ClassPlan {
  const [first] = scores;
  const width = scores.length > 1 ? scores.length : first ? sizeOf(first.inner) : 0;
  const activation = hints.activation === "none" ? undefined : hints.activation;
  const areProbabilities =
    first !== undefined && (hints.activation !== undefined || seemProbabilities(scores, width, hasSigmoid, facts));
  // One probability is that of the second of two classes.
  const count = width === 1 && areProbabilities ? 2 : width;
  const { classes, order } = namedClasses(label, scores, facts, hints, count);
  if (classes && count > 0 && classes.length !== count && width !== 1)
    throw new PredictorError(
      `MLmodel's metadata.prediction.classes names ${classes.length} classes, but the model gives ${count} scores a row`,
    );
  if (!label && width === 1 && !areProbabilities)
    throw new PredictorError(
      `output ${first?.name} has one score a row that need not be a probability: add "activation" to MLmodel's metadata.prediction, "sigmoid" for logits or "none" for probabilities`,
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
 * Names the scores' columns: by MLmodel's metadata, a ZipMap, the constant that the labels are picked from, or the labels that the end of the graph gives each column.
 * What else the graph's classifiers name, or the places 0, 1 and so on, is an assumption.
 */
function namedClasses(
  label: SeenOutput | undefined,
  scores: readonly SeenOutput[],
  { zipMaps, labels, classes, columnLabels }: GraphFacts,
  hints: PredictionHints,
  count: number,
): Named {
  const known = (names: readonly ClassName[] | undefined, order: Order): Named => ({ classes: names, order });
  if (hints.classes) return known(hints.classes, "stated");
  const own = labels.get(label?.name ?? "");
  const fits = (names: readonly ClassName[] | undefined) => names && (names.length === count || count === 0);
  const zipped = zipMaps.get(scores[0]?.name ?? "");
  if (zipped && (own ? areSame(zipped, own.classes) : isOfKind(label, zipped))) return known(zipped, "stated");
  // The labels are translated behind the classifier, and the ZipMap's keys are not: both are in the classifier's order where it is ascending.
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

/** Whether labels of this output can be these classes: integers may be places in a list of texts, but texts are no numbers. */
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
      `MLmodel's metadata.prediction.threshold is for the probabilities of two classes; the model gives ${areProbabilities ? `${classes?.length ?? "unknown"} classes` : "no probabilities"}`,
    );
  const place = positive === undefined ? 1 : classes.indexOf(positive);
  if (place < 0)
    throw new PredictorError(
      `MLmodel's metadata.prediction.positive is ${JSON.stringify(positive)}, but the classes are ${JSON.stringify(classes)}`,
    );
  return { value, positive: place };
}

/** How far from 0, 1 and a sum of 1 the rounding of float16 may take probabilities. */
const ROUNDING = 1e-2;

/**
 * Whether scores are probabilities, by their name and their values for rows of zeros: outputs that are called so, unless these are not between 0 and 1;
 * others where they also add up to 1, or where there is one that a sigmoid may have given.
 */
function seemProbabilities(
  scores: readonly SeenOutput[],
  width: number,
  hasSigmoid: boolean,
  { zipMaps }: GraphFacts,
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
