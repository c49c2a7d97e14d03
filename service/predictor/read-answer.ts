import { sizeOf } from "../../data/field.ts";
import type { ClassName, ClassPrediction, Prediction } from "../../data/prediction.ts";
import type { NumberArray } from "../../data/table.ts";
import { NonFiniteAnswerError, PredictorError, UnnamedClassesError } from "./errors.ts";
import { exactName, isLongNumber } from "./onnx-values.ts";
import type { ClassPlan, OutputPlan } from "./outputs.ts";

/** Values of a tensor that a run returned or filled. */
export type AnswerData = NumberArray | Float16Array | readonly string[];
/** Returns an output's values by its name. */
export type Answer = (name: string) => AnswerData;

type Floats = Float32Array | Float64Array;

/**
 * Reads the prediction from an answer.
 * @throws NonFiniteAnswerError; PredictorError if the number of values does not match the rows
 */
export function readPrediction(plan: OutputPlan, answer: Answer, rows: number): Prediction {
  if (plan.kind === "values") {
    const { name, inner } = plan.values;
    return { kind: "values", data: floats(name, answer(name), rows, sizeOf(inner)), shape: inner };
  }
  const scores = plan.scores.length > 0 ? readScores(plan, answer, rows) : undefined;
  if (plan.threshold && scores && plan.classes) return { ...byThreshold(plan, scores, rows), scores };
  if (!plan.label) return { ...byLargest(plan, scores?.data ?? new Float32Array(0), rows), ...(scores && { scores }) };
  const { name } = plan.label;
  const labels = readLabels(name, answer(name), rows, plan);
  return scores ? { ...labels, scores } : labels;
}

/** Returns the values if their number matches. @throws PredictorError otherwise */
export function inRows(name: string, data: AnswerData, rows: number, width: number): AnswerData {
  if (data.length === rows * width) return data;
  throw new PredictorError(`output ${name} has ${data.length} values for ${rows} rows of ${width}`);
}

/** Returns a tensor's values as floats. The array may be memory that the next run reuses. @throws NonFiniteAnswerError */
function floats(name: string, given: AnswerData, rows: number, width: number): Floats {
  const data = inRows(name, given, rows, width);
  const numbers =
    data instanceof Float32Array || data instanceof Float64Array
      ? data
      : data instanceof Float16Array
        ? Float32Array.from(data)
        : Float64Array.from(data as ArrayLike<number | bigint>, Number);
  for (let index = 0; index < numbers.length; index++)
    if (!Number.isFinite(numbers[index])) throw new NonFiniteAnswerError(Math.floor(index / width));
  return numbers;
}

function readScores(plan: ClassPlan, answer: Answer, rows: number): NonNullable<ClassPrediction["scores"]> {
  const { scores, width, areProbabilities, activation } = plan;
  const [{ name } = { name: "" }, ...more] = scores;
  let data = floats(name, answer(name), rows, more.length > 0 ? 1 : width);
  if (more.length > 0) {
    const joined = new Float64Array(rows * width);
    for (const [column, one] of scores.entries()) {
      const values = floats(one.name, answer(one.name), rows, 1);
      for (let row = 0; row < rows; row++) joined[row * width + column] = values[row] as number;
    }
    data = data instanceof Float32Array ? Float32Array.from(joined) : joined;
  }
  if (activation) data = activate(data, width, activation);
  if (width === 1 && areProbabilities) {
    const both = data instanceof Float32Array ? new Float32Array(rows * 2) : new Float64Array(rows * 2);
    for (let row = 0; row < rows; row++) {
      both[row * 2] = 1 - (data[row] as number);
      both[row * 2 + 1] = data[row] as number;
    }
    return { data: both, width: 2, name, areProbabilities };
  }
  return { data, width, name, areProbabilities };
}

function activate(data: Floats, width: number, activation: "sigmoid" | "softmax"): Floats {
  if (activation === "sigmoid") return data.map((value) => 1 / (1 + Math.exp(-value)));
  const result = data.slice();
  for (let start = 0; start < data.length; start += width) {
    const largest = Math.max(...data.subarray(start, start + width));
    let sum = 0;
    for (let at = start; at < start + width; at++) sum += Math.exp((data[at] as number) - largest);
    for (let at = start; at < start + width; at++) result[at] = Math.exp((data[at] as number) - largest) / sum;
  }
  return result;
}

function byThreshold(
  { classes = [], threshold }: ClassPlan,
  { data, width }: { readonly data: Floats; readonly width: number },
  rows: number,
): ClassPrediction {
  const { value, positive } = threshold ?? { value: 0.5, positive: 1 };
  const codes = new Int32Array(rows);
  for (let row = 0; row < rows; row++)
    codes[row] = (data[row * width + positive] as number) >= value ? positive : 1 - positive;
  return { kind: "classes", classes, named: classes.length, codes };
}

function byLargest({ classes = [] }: ClassPlan, data: Floats, rows: number): ClassPrediction {
  const width = data.length / rows;
  const codes = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    let best = 0;
    for (let column = 1; column < width; column++)
      if ((data[row * width + column] as number) > (data[row * width + best] as number)) best = column;
    codes[row] = best;
  }
  return { kind: "classes", classes, named: classes.length, codes };
}

/** Reads labels as codes. @throws PredictorError unless there is one per row */
function readLabels(name: string, data: AnswerData, rows: number, plan: ClassPlan): ClassPrediction {
  const { classes, label, order } = plan;
  if (data.length !== rows) throw new PredictorError(`output ${name} has ${data.length} labels for ${rows} rows`);
  const codes = new Int32Array(rows);
  const known = classes ?? [];
  const isBoolean = label?.type === "bool";
  const named = known.length > 0 && areIndexes(known, data, isBoolean);
  // Reads 32-bit halves, because each bigint would be an object (all platforms of the runtime are little-endian).
  const halves = data instanceof BigInt64Array ? new Int32Array(data.buffer, data.byteOffset, rows * 2) : undefined;
  let codeOf: Map<ClassName, number> | undefined;
  let found: ClassName[] | undefined;
  for (let row = 0; row < rows; row++) {
    const low = halves?.[row * 2] as number;
    const value: ClassName =
      halves && halves[row * 2 + 1] === low >> 31 ? low : nameOf(data[row] as number | bigint | string);
    // The usual case: classes are 0, 1 and so on, or labels are indexes.
    if (typeof value === "number" && (named || known[value] === value)) {
      if (value < 0 || value >= known.length)
        throw new PredictorError(
          `output ${name} is ${value} for row ${row}, but the model has ${known.length} classes`,
        );
      codes[row] = value;
      continue;
    }
    const className = isBoolean ? value === 1 : value;
    codeOf ??= new Map(known.map((one, index) => [one, index]));
    let code = codeOf.get(className);
    if (code === undefined) {
      if (order === "guessed" && classes) throw new UnnamedClassesError(name, className, row, classes);
      found ??= [...known];
      code = found.push(className) - 1;
      codeOf.set(className, code);
    }
    codes[row] = code;
  }
  return {
    kind: "classes",
    classes: found ?? known,
    named: known.length,
    codes,
    ...(order !== "stated" && { isAssumed: true }),
  };
}

const nameOf = (value: number | bigint | string): ClassName => (typeof value === "bigint" ? exactName(value) : value);

/** Whether labels are indexes into a list of names: labels are numbers, but names are not. */
const areIndexes = (classes: readonly ClassName[], data: AnswerData, isBoolean: boolean): boolean =>
  typeof data[0] !== "string" && !isBoolean && classes.every((one) => typeof one !== "number" && !isLongNumber(one));
