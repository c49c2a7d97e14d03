import type { ClassCodes } from "./answered-rows.ts";
import { descendingKey, requireNumber, sortKeys } from "./float-keys.ts";

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
  // Room for a point a row; what is never written to takes no memory.
  const truePositives = new Uint32Array(scores.length);
  const falsePositives = new Uint32Array(scores.length);
  let tp = 0;
  let fp = 0;
  let points = 0;
  let positive = positives[0] ?? END;
  let negative = negatives[0] ?? END;
  while (positive !== END || negative !== END) {
    const key = positive < negative ? positive : negative;
    while (positive === key) positive = ++tp < positives.length ? (positives[tp] as number) : END;
    while (negative === key) negative = ++fp < negatives.length ? (negatives[fp] as number) : END;
    truePositives[points] = tp;
    falsePositives[points++] = fp;
  }
  return { truePositives: truePositives.subarray(0, points), falsePositives: falsePositives.subarray(0, points) };
}

/** More than any key. */
const END = 2 ** 32;

/** Keys that grow from the highest score down. */
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
    const key = descendingKey(bits[0] as number);
    if (labels[row] === 1) keys[front++] = key;
    else keys[--back] = key;
  }
  const [positives, negatives] = [keys.subarray(0, front), keys.subarray(front)];
  const room = new Uint32Array(Math.max(positives.length, negatives.length));
  sortKeys(positives, room.subarray(0, positives.length));
  sortKeys(negatives, room.subarray(0, negatives.length));
  return { positives, negatives };
}
