import { expect, test } from "vitest";
import { Batcher } from "../../service/batcher.ts";

/** Answers each row with its first feature, fails on -1, and notes the rows of each run. */
function echo() {
  const runs: number[] = [];
  const predict = async (features: Float32Array, rows: number) => {
    runs.push(rows);
    if (features.includes(-1)) throw new Error("no");
    const labels = Array.from({ length: rows }, (_, row) => features[row * 2] ?? Number.NaN);
    return { labels, probabilities: Float32Array.from(labels.flatMap((label) => [label, -label])), classes: 2 };
  };
  return { runs, predict };
}
const rows = (...values: number[]) => Float32Array.from(values.flatMap((value) => [value, 0]));

test("runs the model once for the requests of one turn, and gives each its own rows", async () => {
  const model = echo();
  const batcher = new Batcher(model);
  const [one, two, three] = await Promise.all([
    batcher.predict(rows(1), 1),
    batcher.predict(rows(2, 3), 2),
    batcher.predict(rows(4), 1),
  ]);
  expect(model.runs).toEqual([4]);
  expect([one.labels, two.labels, three.labels]).toEqual([[1], [2, 3], [4]]);
  expect([...(two.probabilities ?? [])]).toEqual([2, -2, 3, -3]);
  await batcher.predict(rows(5), 1);
  expect(model.runs).toEqual([4, 1]);
});

test("keeps a batch within its bound, and does not split a larger request", async () => {
  const model = echo();
  const batcher = new Batcher(model, 3);
  const answers = await Promise.all(
    [[1, 2], [3], [4], [5, 6, 7, 8], [9]].map((list) => batcher.predict(rows(...list), list.length)),
  );
  expect(model.runs).toEqual([3, 1, 4, 1]);
  expect(answers.flatMap(({ labels }) => labels)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("fails only the request that the model fails on", async () => {
  const model = echo();
  const batcher = new Batcher(model);
  const [good, bad, other] = await Promise.allSettled([
    batcher.predict(rows(1), 1),
    batcher.predict(rows(-1), 1),
    batcher.predict(rows(2), 1),
  ]);
  expect(model.runs).toEqual([3, 1, 1, 1]);
  expect(good).toMatchObject({ status: "fulfilled", value: { labels: [1] } });
  expect(bad).toMatchObject({ status: "rejected", reason: { message: "no" } });
  expect(other).toMatchObject({ status: "fulfilled", value: { labels: [2] } });
});
