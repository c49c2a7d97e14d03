import type { AnsweredRows, ClassCodes } from "./metrics/answered-rows.ts";

/**
 * Whether two models made identical predictions for the same rows: all labels, and all probabilities, scores or values, bit for bit. False for
 * models with only labels: different models often agree on all labels of a few hundred rows.
 */
export function gaveSameAnswers(ours: AnsweredRows, theirs: AnsweredRows): boolean {
  const [mine, other] = [answersOf(ours), answersOf(theirs)];
  if (ours.task !== theirs.task || !mine.numbers || !other.numbers) return false;
  const isSame =
    areEqual(mine.names, other.names) && areEqual(mine.labels, other.labels) && areEqual(mine.numbers, other.numbers);
  return isSame && (ours.task === "regression" || distinguishRows(ours.predicted, mine.numbers));
}

function answersOf(rows: AnsweredRows) {
  if (rows.task === "regression") return { names: rows.targets, labels: [], numbers: rows.predicted };
  const numbers = rows.task === "multiclass" ? rows.probabilities : (rows.positive ?? rows.scores);
  return { names: rows.classes, labels: rows.predicted, numbers };
}

function areEqual<Value>(some: ArrayLike<Value>, others: ArrayLike<Value>): boolean {
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index++) if (some[index] !== others[index]) return false;
  return true;
}

/** Whether rows with the same label have different numbers: probabilities of only 0 and 1 add nothing to the labels. */
function distinguishRows(labels: ClassCodes, numbers: ArrayLike<number>): boolean {
  const width = numbers.length / labels.length;
  const firsts = new Map<number, number>();
  for (const [row, label] of labels.entries()) {
    const first = firsts.get(label) ?? row;
    firsts.set(label, first);
    for (let index = 0; index < width; index++)
      if (numbers[row * width + index] !== numbers[first * width + index]) return true;
  }
  return false;
}
