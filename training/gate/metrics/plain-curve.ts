import type { ClassCodes } from "./answered-rows.ts";
import { ascendingKey, requireNumber, sortKeys } from "./float-keys.ts";

/** A threshold curve of rows that count once each. */
export interface PlainCurve {
  readonly truePositives: Uint32Array;
  readonly falsePositives: Uint32Array;
}

/**
 * Sorts the scores of the two classes apart and walks both from the highest down: the rows themselves need not be found again. Takes 8 bytes a row while it
 * sorts, and 8 a distinct score for the curve.
 * @param labels 1 for the positive class @throws RangeError for a score that is not a number
 */
export function plainCurve(labels: ClassCodes, scores: Float32Array): PlainCurve {
  const { positives, negatives } = sortedByClass(labels, scores);
  const points = walk(positives, negatives);
  const truePositives = new Uint32Array(points);
  const falsePositives = new Uint32Array(points);
  walk(positives, negatives, truePositives, falsePositives);
  return { truePositives, falsePositives };
}

/** Ascending keys. */
function sortedByClass(labels: ClassCodes, scores: Float32Array) {
  const rows = scores.length;
  const keys = new Uint32Array(rows);
  const floats = Float32Array.of(0);
  const bits = new Uint32Array(floats.buffer);
  let front = 0;
  let back = rows;
  for (let row = 0; row < rows; row++) {
    const score = scores[row] as number;
    requireNumber(score, row);
    // Adding 0 turns -0 into 0.
    floats[0] = score + 0;
    const key = ascendingKey(bits[0] as number);
    if (labels[row] === 1) keys[front++] = key;
    else keys[--back] = key;
  }
  const [positives, negatives] = [keys.subarray(0, front), keys.subarray(front)];
  const room = new Uint32Array(Math.max(positives.length, negatives.length));
  sortKeys(positives, room.subarray(0, positives.length));
  sortKeys(negatives, room.subarray(0, negatives.length));
  return { positives, negatives };
}

/** Counts the distinct scores from the highest down, and notes the rows so far at each of them. */
function walk(
  positives: Uint32Array,
  negatives: Uint32Array,
  truePositives?: Uint32Array,
  falsePositives?: Uint32Array,
): number {
  let tp = positives.length;
  let fp = negatives.length;
  let points = 0;
  // Both run from their end to their beginning; no key is as small as -1.
  while (tp > 0 || fp > 0) {
    const first = tp > 0 ? (positives[tp - 1] as number) : -1;
    const second = fp > 0 ? (negatives[fp - 1] as number) : -1;
    const key = first > second ? first : second;
    while (tp > 0 && positives[tp - 1] === key) tp--;
    while (fp > 0 && negatives[fp - 1] === key) fp--;
    if (truePositives && falsePositives) {
      truePositives[points] = positives.length - tp;
      falsePositives[points] = negatives.length - fp;
    }
    points++;
  }
  return points;
}
