import { normalQuantile } from "./normal.ts";
import { seededRandom } from "./random.ts";

const DRAWS = 2_000;

/**
 * Computes the interval of a binned calibration error: the sum over bins of |G|, where G is the mean over all rows of their gap, with gaps in other bins
 * set to 0. The observed error is biased upward, most of all for a calibrated model, so no bootstrap is valid. Both ends follow from the triangle
 * inequality instead.
 * - Upper end: with the true signs s, sum s G^ is unbiased for the truth and at most the observed error. Its variance equals the variance of the gaps
 *   for any signs, so observed + z sd / sqrt(rows) is below the truth with at most the nominal probability.
 * - Lower end: observed - truth is at most sum |G^ - G|, whose quantile is simulated from normals with the bins' own variances. This end is
 *   conservative: for a calibrated model it is 0.
 * @param confidence two-sided, such as 0.95
 */
export function calibrationInterval(
  { bins, gaps }: { readonly bins: ArrayLike<number>; readonly gaps: ArrayLike<number> },
  options: { readonly confidence: number; readonly seed: number; readonly weights?: ArrayLike<number> | undefined },
): [number, number] {
  const { confidence, seed, weights } = options;
  const rows = gaps.length;
  let count = 0;
  for (let row = 0; row < rows; row++) count = Math.max(count, (bins[row] as number) + 1);
  const [sums, squares] = [new Float64Array(count), new Float64Array(count)];
  let [total, squaredWeights] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const weight = weights ? (weights[row] as number) : 1;
    const [bin, gap] = [bins[row] as number, weight * (gaps[row] as number)];
    sums[bin] = (sums[bin] as number) + gap;
    squares[bin] = (squares[bin] as number) + gap * gap;
    total += weight;
    squaredWeights += weight * weight;
  }
  const error = sums.reduce((sum, gap) => sum + Math.abs(gap), 0) / total;
  const tail = (1 - confidence) / 2;
  const scale = squaredWeights / total / total;
  const variance = Math.max(
    0,
    squares.reduce((sum, square) => sum + square, 0) / total / total - error * error * scale,
  );
  const deviations = squares.map((square, bin) =>
    Math.sqrt(Math.max(0, square / total / total - ((sums[bin] as number) / total) ** 2 * scale)),
  );
  const random = seededRandom(seed);
  const excess = new Float64Array(DRAWS).map(() =>
    deviations.reduce((sum, deviation) => (deviation > 0 ? sum + Math.abs(random.normal()) * deviation : sum), 0),
  );
  excess.sort();
  const margin = excess[Math.ceil((1 - tail) * DRAWS) - 1] as number;
  return [Math.max(0, error - margin), Math.min(1, error + normalQuantile(1 - tail) * Math.sqrt(variance))];
}
