import { z } from "zod";
import { denseTable, type Table } from "../../../data/table.ts";
import type { Predictor } from "../../../service/predictor/predictor.ts";
import type { Snapshot } from "../../snapshot.ts";
import { atLeast, atMost, compare, positive } from "../bounds.ts";
import type { CheckResult } from "../check.ts";
import { columnOrder } from "../evaluation.ts";
import type { LatencyQuantiles } from "../facts.ts";
import { quantile } from "../statistics/bootstrap.ts";

const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;
const quantileKeys = Object.keys(QUANTILES) as (keyof typeof QUANTILES)[];
const ms = atMost(positive).optional();
const bounds = z
  .strictObject({ p50: ms, p95: ms, p99: ms })
  .refine((bound) => quantileKeys.some((key) => bound[key]), "must have p50, p95 or p99");

export const latencyPolicy = z
  .strictObject({
    /** Milliseconds of a call with one row. */
    single: bounds.optional(),
    /** Milliseconds of a call with 64 rows. */
    batch: bounds.optional(),
    /** Rows a second in calls of 64 rows. */
    throughput: atLeast(positive).optional(),
  })
  .refine(
    ({ single, batch: many, throughput }) => single || many || throughput,
    "must have single, batch or throughput",
  );

const BATCH_ROWS = 64;
/** Until the code is compiled and the caches are filled. */
const WARM_UP = { calls: 100, ms: 300, atLeast: 3 };
/** The 99th percentile of fewer calls says little; of a slow model, a second must do. */
const MEASURED = { calls: 1_000, ms: 1_000, atLeast: 20 };

/** Times the predictor that serves: without HTTP, with nothing else running in this process. */
export async function judgeLatency(predictor: Predictor, snapshot: Snapshot, policy: z.infer<typeof latencyPolicy>) {
  const single = await measure(predictor, snapshot, 1);
  const many = await measure(predictor, snapshot, BATCH_ROWS);
  const throughput = (many.rows * 1000) / many.mean;
  const results: CheckResult[] = [];
  for (const [name, found] of [
    ["single", single],
    ["batch", many],
  ] as const)
    for (const key of quantileKeys) {
      const bound = policy[name]?.[key];
      if (!bound) continue;
      results.push(
        compare({
          ...{ check: `latency.${name}.${key}`, group: "latency", relation: "<=", unit: " ms", level: bound.level },
          label: `${key} latency of ${found.rows === 1 ? "1 row" : `${found.rows} rows`}`,
          ...{ value: found[key], bound: bound.max, why: `${found.calls} calls of the serving predictor, warm` },
        }),
      );
    }
  if (policy.throughput)
    results.push(
      compare({
        ...{ check: "latency.throughput", group: "latency", relation: ">=", unit: " rows/s" },
        ...{ label: "throughput", value: throughput, bound: policy.throughput.min, level: policy.throughput.level },
        why: `${many.calls} calls of ${many.rows} rows, one after the other, warm`,
      }),
    );
  const plain = ({ rows, calls, p50, p95, p99 }: LatencyQuantiles) => ({ rows, calls, p50, p95, p99 });
  return { results, facts: { latency: { single: plain(single), batch: plain(many), throughput } } };
}

async function measure(predictor: Predictor, snapshot: Snapshot, rows: number) {
  const order = columnOrder(predictor, snapshot);
  const input = inputs(predictor, snapshot, order, rows);
  await timeCalls(predictor, input, WARM_UP);
  const times = (await timeCalls(predictor, input, MEASURED)).sort();
  const [p50, p95, p99] = quantileKeys.map((key) => quantile(times, QUANTILES[key])) as [number, number, number];
  return { rows, calls: times.length, p50, p95, p99, mean: times.reduce((sum, time) => sum + time, 0) / times.length };
}

/** Rows of the snapshot one after the other, from the start again where it ends. */
function inputs(
  { signature }: Predictor,
  snapshot: Snapshot,
  order: readonly number[],
  size: number,
): (call: number) => Table {
  const held = Math.min(snapshot.rows, 1024);
  const { features, columns } = snapshot;
  const width = order.length;
  const fields = signature.inputs;
  const isFloat32 = fields.every(({ type }) => type === "float32");
  return (call) => {
    const input = isFloat32 ? new Float32Array(size * width) : new Float64Array(size * width);
    for (let row = 0; row < size; row++) {
      const from = ((call * size + row) % held) * columns.length;
      for (let place = 0; place < width; place++)
        input[row * width + place] = features[from + (order[place] as number)] as number;
    }
    return denseTable(fields, input, size);
  };
}

async function timeCalls(
  predictor: Predictor,
  input: (call: number) => Table,
  limit: typeof MEASURED,
): Promise<Float64Array> {
  const times = new Float64Array(limit.calls);
  const began = performance.now();
  let calls = 0;
  while (calls < limit.calls && (calls < limit.atLeast || performance.now() - began < limit.ms)) {
    const table = input(calls);
    const start = performance.now();
    await predictor.predict(table);
    times[calls++] = performance.now() - start;
  }
  return times.slice(0, calls);
}
