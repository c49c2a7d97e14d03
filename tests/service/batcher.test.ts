import { expect, test, vi } from "vitest";
import type { Prediction } from "../../data/prediction.ts";
import { denseData, denseTable, type Table } from "../../data/table.ts";
import { Batcher, type BatcherOptions, OverloadError, type Share } from "../../service/inference/batcher.ts";
import type { Run } from "../../service/predictor/predictor.ts";
import { floats } from "./helpers/tables.ts";

const classes = Array.from({ length: 100 }, (_, index) => index);

/** Returns the first feature of each row, fails on -1, and records the rows of each run. */
function echo() {
  const runs: number[] = [];
  const run = (table: Table): Run => {
    const features = denseData(table) as Float32Array;
    runs.push(table.rows);
    if (features.includes(-1)) throw new Error("no");
    const codes = Int32Array.from({ length: table.rows }, (_, row) => features[row * 2] ?? Number.NaN);
    const data = Float32Array.from([...codes].flatMap((label) => [label, -label]));
    return {
      prediction: { kind: "classes", classes, named: 2, codes, scores: { data, width: 2, areProbabilities: true } },
      tensors: [],
    };
  };
  return { runs, run };
}
type Model = ConstructorParameters<typeof Batcher>[0];

/** Predicts with a promise. */
class TestBatcher {
  readonly batcher: Batcher;
  constructor(model: Model, options?: BatcherOptions) {
    this.batcher = new Batcher(model, options);
  }
  predict(features: Float32Array, rows: number, isProbe = false): Promise<Share> {
    const table = denseTable(floats(2).inputs, features, rows);
    return new Promise((resolve, reject) => this.batcher.predict(table, resolve, reject, isProbe));
  }
}
/** A request's part of the answer. */
const labels = ({ run, start, rows }: Share) => codesOf(run.prediction).slice(start, start + rows);
const codesOf = (prediction: Prediction) => (prediction.kind === "classes" ? [...prediction.codes] : []);
const rows = (...values: number[]) => Float32Array.from(values.flatMap((value) => [value, 0]));

/** Creates a batcher whose last turn brought two requests, so that it waits for the end of the next turn. */
async function busyBatcher(model: ReturnType<typeof echo>, options?: BatcherOptions): Promise<TestBatcher> {
  const batcher = new TestBatcher(model, options);
  await Promise.all([batcher.predict(rows(0), 1), batcher.predict(rows(0), 1)]);
  model.runs.length = 0;
  return batcher;
}

test("runs the model once for the requests of one turn, and gives each request its rows", async () => {
  const model = echo();
  const batcher = await busyBatcher(model);
  const [one, two, three] = await Promise.all([
    batcher.predict(rows(1), 1),
    batcher.predict(rows(2, 3), 2),
    batcher.predict(rows(4), 1),
  ]);
  expect(model.runs).toEqual([4]);
  expect([one, two, three].map(labels)).toEqual([[1], [2, 3], [4]]);
  const { prediction } = two.run;
  const scores = prediction.kind === "classes" ? prediction.scores?.data : undefined;
  expect([...(scores ?? [])].slice(two.start * 2, (two.start + two.rows) * 2)).toEqual([2, -2, 3, -3]);
});

test("reports callers' rows, but not a probe's rows in the same batch", async () => {
  const model = echo();
  const recorded: [number, unknown, number[]][] = [];
  const onRun: BatcherOptions["onRun"] = (prediction, table) =>
    void recorded.push([table.rows, codesOf(prediction), [...(denseData(table) as Float32Array)]]);
  const batcher = await busyBatcher(model, { onRun });
  recorded.length = 0;
  const [one, probe, three] = await Promise.all([
    batcher.predict(rows(1), 1),
    batcher.predict(rows(2, 3), 2, true),
    batcher.predict(rows(4, 5), 2),
  ]);
  expect(model.runs).toEqual([5]);
  expect([one, probe, three].map(labels)).toEqual([[1], [2, 3], [4, 5]]);
  expect(recorded).toEqual([[3, [1, 4, 5], [1, 0, 4, 0, 5, 0]]]);
  await Promise.all([batcher.predict(rows(6), 1, true), batcher.predict(rows(7), 1, true)]);
  expect(recorded).toHaveLength(1);
});

test("runs at once while each turn brings one request, and batches again after a turn that brought more", async () => {
  // On a busy machine a run may take long enough for the batcher to catch up first.
  using _clock = vi.spyOn(performance, "now").mockReturnValue(0);
  const model = echo();
  const batcher = new TestBatcher(model);
  const ask = (value: number) => void batcher.predict(rows(value), 1);
  ask(1);
  expect(model.runs).toEqual([1]);
  await new Promise(setImmediate);
  ask(2);
  ask(3);
  ask(4);
  // The batcher does not know yet that the first request is one of three.
  expect(model.runs).toEqual([1, 1]);
  await new Promise(setImmediate);
  expect(model.runs).toEqual([1, 1, 2]);
  ask(5);
  ask(6);
  expect(model.runs).toEqual([1, 1, 2]);
  await new Promise(setImmediate);
  expect(model.runs).toEqual([1, 1, 2, 2]);
  ask(7);
  expect(model.runs).toEqual([1, 1, 2, 2]);
  await new Promise(setImmediate);
  ask(8);
  expect(model.runs).toEqual([1, 1, 2, 2, 1, 1]);
});

test("limits a batch, and does not split a larger request", async () => {
  const model = echo();
  const batcher = await busyBatcher(model, { maxBatchRows: 3 });
  const answers = await Promise.all(
    [[1, 2], [3], [4], [5, 6, 7, 8], [9]].map((list) => batcher.predict(rows(...list), list.length)),
  );
  expect(model.runs).toEqual([3, 1, 4, 1]);
  expect(answers.flatMap(labels)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("fails only the request whose rows the model rejects", async () => {
  const model = echo();
  const batcher = await busyBatcher(model);
  const [good, bad, other] = await Promise.allSettled([
    batcher.predict(rows(1), 1),
    batcher.predict(rows(-1), 1),
    batcher.predict(rows(2), 1),
  ]);
  expect(model.runs).toEqual([3, 1, 1, 1]);
  expect(good).toMatchObject({ status: "fulfilled", value: { run: { prediction: { codes: Int32Array.of(1) } } } });
  expect(bad).toMatchObject({ status: "rejected", reason: { message: "no" } });
  expect(other).toMatchObject({ status: "fulfilled", value: { run: { prediction: { codes: Int32Array.of(2) } } } });
});

test("runs once per turn, so that a long queue does not block the event loop", async () => {
  const model = echo();
  const batcher = await busyBatcher(model, { maxBatchRows: 1 });
  const answers = [1, 2].map((value) => batcher.predict(rows(value), 1));
  expect(batcher.batcher.waitingRows).toBe(2);
  await new Promise(setImmediate);
  expect([model.runs, batcher.batcher.waitingRows]).toEqual([[1], 1]);
  expect((await Promise.all(answers)).map(labels)).toEqual([[1], [2]]);
});

test("answers every accepted request, whatever is queued before it", async () => {
  const batcher = new TestBatcher(echo(), { maxBatchRows: 7 });
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) => batcher.predict(rows(index, index), 2).then(labels)),
  );
  expect(answers).toEqual(Array.from({ length: 100 }, (_, index) => [index, index]));
});

test("after a long run, queues or rejects all requests that arrived meanwhile, not one per run", async () => {
  let runs = 0;
  const run = (table: Table) => {
    runs++;
    for (const until = performance.now() + 20; performance.now() < until; ) {}
    return echo().run(table);
  };
  const batcher = new TestBatcher({ run }, { maxQueueRows: 4 });
  const answers: Promise<unknown>[] = [];
  // Like new connections, of which the event loop accepts one per turn.
  const feed = () => {
    answers.push(batcher.predict(rows(1), 1).catch((error) => error));
    if (answers.length < 40) setImmediate(feed);
  };
  feed();
  while (answers.length < 40) await new Promise(setImmediate);
  const refused = (await Promise.all(answers)).filter((answer) => answer instanceof OverloadError);
  expect(refused.length).toBeGreaterThan(20);
  expect(runs).toBeLessThan(15);
});

test("rejects requests beyond the queue's limit, but never with an empty queue", async () => {
  const batcher = await busyBatcher(echo(), { maxQueueRows: 2 });
  const large = batcher.predict(rows(1, 2, 3), 3);
  await expect(batcher.predict(rows(4), 1)).rejects.toThrow(OverloadError);
  expect(labels(await large)).toEqual([1, 2, 3]);
  expect(labels(await batcher.predict(rows(5), 1))).toEqual([5]);
});

test("rejects requests that waited too long, and answers the others", async () => {
  const batcher = await busyBatcher(echo(), { maxWaitMs: 20 });
  const old = batcher.predict(rows(1), 1);
  const end = performance.now() + 30;
  while (performance.now() < end);
  const young = batcher.predict(rows(2), 1);
  await expect(old).rejects.toThrow("more than 20 ms");
  expect(labels(await young)).toEqual([2]);
});
