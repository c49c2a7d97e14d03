import type { Evaluation } from "./evaluation.ts";
import type { GroupFacts } from "./facts.ts";
import type { Group } from "./groups.ts";
import { detectorOf, type RegressionRows } from "./metrics/answered-rows.ts";

/** What a model did on the rows of a group. @param minSize fewer rows are too few to judge */
export function measureGroup({ name, rows }: Group, evaluation: Evaluation, minSize: number): GroupFacts {
  const about = { name, rows: rows.length, small: rows.length < minSize };
  const none = { accuracy: null, selectionRate: null, truePositiveRate: null, falsePositiveRate: null };
  if (evaluation.task === "regression") return { ...about, ...none, ...errorsOf(rows, evaluation) };
  if (detectorOf(evaluation)?.unlabelled) return { ...about, ...none };
  const { labels, predicted } = evaluation;
  if (evaluation.task === "multiclass") {
    const right = rows.filter((row) => labels[row] === predicted[row]).length;
    return { ...about, ...none, accuracy: share(right, rows.length) };
  }
  const counts = [0, 0, 0, 0] as [number, number, number, number];
  for (const row of rows) counts[((labels[row] as number) * 2 + (predicted[row] as number)) as 0 | 1 | 2 | 3]++;
  const [tn, fp, fn, tp] = counts;
  return {
    ...about,
    accuracy: share(tn + tp, rows.length),
    selectionRate: share(fp + tp, rows.length),
    truePositiveRate: share(tp, tp + fn),
    falsePositiveRate: share(fp, fp + tn),
  };
}

const share = (part: number, of: number) => (of === 0 ? null : part / of);

/** Mean error (prediction minus truth) and root mean squared error, the mean over the targets. */
function errorsOf(rows: readonly number[], { truth, predicted, targets }: RegressionRows) {
  if (rows.length === 0) return { meanError: null, rmse: null };
  let [meanError, rmse] = [0, 0];
  const width = targets.length;
  for (let target = 0; target < width; target++) {
    let [sum, squares] = [0, 0];
    for (const row of rows) {
      const error = (predicted[row * width + target] as number) - (truth[row * width + target] as number);
      sum += error;
      squares += error ** 2;
    }
    meanError += sum / rows.length / width;
    rmse += Math.sqrt(squares / rows.length) / width;
  }
  return { meanError, rmse };
}
