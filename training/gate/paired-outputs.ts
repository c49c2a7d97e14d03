import type { FloatArray } from "../../data/number-array.ts";
import { ClassMap } from "../../data/reader/class-map.ts";
import type { Evaluation } from "./evaluation.ts";
import { detectorOf } from "./metrics/answered-rows.ts";
import type { StoredClasses, StoredPredictions, StoredValues } from "./stored-predictions.ts";

/** A number per row that both the trainer's code and the served model return. */
export interface PairedOutput {
  /** Such as `probability of Gentoo`. */
  readonly name: string;
  readonly served: (row: number) => number;
  readonly stored: (row: number) => number;
  /** The served numbers are float32: a stored double differs by at least its rounding. */
  readonly isSingle: boolean;
}

export interface PairedOutputs {
  readonly pairs: readonly PairedOutput[];
  /** Outputs of the model that the file lacks. */
  readonly lacking: readonly string[];
  /** Columns of the file that the model does not return. */
  readonly unserved: readonly string[];
}

/** Pairs every number that a model returns with the trainer's. */
export function pairedOutputs(evaluation: Evaluation, stored: StoredPredictions): PairedOutputs {
  if (evaluation.task === "regression")
    return stored.kind === "values" ? ofTargets(evaluation, stored) : { pairs: [], lacking: [], unserved: [] };
  if (stored.kind === "values") return { pairs: [], lacking: [], unserved: [] };
  return evaluation.task === "multiclass" ? ofClasses(evaluation, stored) : ofTwoClasses(evaluation, stored);
}

type Of<Task extends Evaluation["task"]> = Extract<Evaluation, { readonly task: Task }>;

const isSingle = (data: ArrayLike<number>) => data instanceof Float32Array;
const at = (data: ArrayLike<number>) => (row: number) => data[row] as number;
const column = (data: FloatArray, width: number, index: number) => (row: number) => data[row * width + index] as number;

function ofTargets(
  { targets, predicted }: Of<"regression">,
  { values, targets: width, names }: StoredValues,
): PairedOutputs {
  const storedIndex = (target: string, index: number) => (names ? names.indexOf(target) : index < width ? index : -1);
  const pairs = targets.flatMap((target, index): PairedOutput[] => {
    const theirs = storedIndex(target, index);
    if (theirs < 0) return [];
    const served = column(predicted, targets.length, index);
    return [{ name: target, served, stored: column(values, width, theirs), isSingle: isSingle(predicted) }];
  });
  const paired = new Set(pairs.map(({ name }) => name));
  const unserved = names
    ? names.filter((name) => !targets.includes(name))
    : width > targets.length
      ? Array.from({ length: width - targets.length }, (_, index) => `prediction ${targets.length + index + 1}`)
      : [];
  return { pairs, lacking: targets.filter((target) => !paired.has(target)), unserved };
}

function ofClasses({ rows, classes, probabilities }: Of<"multiclass">, stored: StoredClasses): PairedOutputs {
  const width = classes.length;
  const map = new ClassMap(classes);
  const theirs = [...(stored.probabilities ?? [])].map(([name, values]) => ({ name, values, code: map.codeOf(name) }));
  const unserved = [
    ...theirs.filter(({ code }) => !probabilities || code === undefined).map(({ name }) => `probability of ${name}`),
    ...(stored.positive ? ["probability"] : []),
    ...(stored.scores ? ["score"] : []),
  ];
  if (!probabilities) return { pairs: [], lacking: [], unserved };
  const pairs: PairedOutput[] = [];
  const lacking: string[] = [];
  for (const [code, name] of classes.entries()) {
    const served = column(probabilities, width, code);
    const found = theirs.find((one) => one.code === code);
    if (found)
      pairs.push({
        name: `probability of ${name}`,
        served,
        stored: at(found.values),
        isSingle: isSingle(probabilities),
      });
    // A class that only the data has gets 0 in every row.
    else if (isNonZero(served, rows)) lacking.push(`probability of ${name}`);
  }
  return { pairs, lacking, unserved };
}

function isNonZero(served: (row: number) => number, rows: number): boolean {
  for (let row = 0; row < rows; row++) if (served(row) !== 0) return true;
  return false;
}

function ofTwoClasses(evaluation: Of<"binary">, stored: StoredClasses): PairedOutputs {
  const { classes, positive, scores } = evaluation;
  const pairs: PairedOutput[] = [];
  const unserved: string[] = [];
  const map = new ClassMap(classes);
  const numbers = positive ?? scores;
  for (const [name, values] of stored.probabilities ?? []) {
    const code = map.codeOf(name);
    if (!positive || code === undefined) unserved.push(`probability of ${name}`);
    else {
      // The other class has the remainder: schema.probabilitySum checks how far the model deviates from that.
      const served = code === 1 ? at(positive) : (row: number) => 1 - (positive[row] as number);
      pairs.push({ name: `probability of ${name}`, served, stored: at(values), isSingle: isSingle(positive) });
    }
  }
  if (stored.positive && positive)
    pairs.push({
      name: `probability of ${classes[1]}`,
      served: at(positive),
      stored: at(stored.positive),
      isSingle: isSingle(positive),
    });
  else if (stored.positive) unserved.push("probability");
  if (stored.scores && scores && !positive) {
    // A detector's scores were oriented so that larger is more abnormal; the trainer stored them as its model returns them.
    const served = detectorOf(evaluation)?.scores === "low" ? (row: number) => -(scores[row] as number) : at(scores);
    pairs.push({ name: "score", served, stored: at(stored.scores), isSingle: isSingle(scores) });
  } else if (stored.scores) unserved.push("score");
  const lacking = numbers && pairs.length === 0 ? [positive ? "probability" : "score"] : [];
  return { pairs, lacking, unserved };
}
