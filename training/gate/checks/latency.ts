import { z } from "zod";
import { gatherRows, sliceRows, type Table } from "../../../data/table.ts";
import type { Predictor } from "../../../service/predictor/predictor.ts";
import type { Snapshot } from "../../snapshot.ts";
import { atLeast, atMost, compare, positive } from "../bounds.ts";
import type { CheckResult } from "../check.ts";
import type { LatencyQuantiles } from "../check-details.ts";
import { modelTable } from "../model-table.ts";
import { quantile } from "../statistics/quantile.ts";

const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;
const quantileKeys = Object.keys(QUANTILES) as (keyof typeof QUANTILES)[];
const ms = atMost(positive).optional();
const bounds = z
  .strictObject({ p50: ms, p95: ms, p99: ms })
  .refine((bound) => quantileKeys.some((key) => bound[key]), "must have p50, p95 or p99");

export const latencyPolicy = z
  .strictObject({
    /** Bounds in milliseconds for a call with one row. */
    single: bounds.optional(),
    /** Bounds in milliseconds for a call with 64 rows. */
    batch: bounds.optional(),
    /** Rows per second in calls of 64 rows. */
    throughput: atLeast(positive).optional(),
  })
  .refine(
    ({ single, batch: many, throughput }) => single || many || throughput,
    "must have single, batch or throughput",
  );

const BATCH_ROWS = 64;
/** Calls before measuring, until the code is compiled and the caches are warm. */
const WARM_UP = { calls: 100, ms: 300, atLeast: 3 };
/** A 99th percentile needs this many calls. A slow model is measured for one second instead. */
const MEASURED = { calls: 1_000, ms: 1_000, atLeast: 20 };

/** Measures the serving predictor without HTTP, and with nothing else running in this process. */
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
          check: `latency.${name}.${key}`,
          group: "latency",
          relation: "<=",
          unit: " ms",
          level: bound.level,
          label: `${key} latency of ${found.rows === 1 ? "1 row" : `${found.rows} rows`}`,
          value: found[key],
          bound: bound.max,
          why: `${found.calls} calls of the serving predictor, warm`,
        }),
      );
    }
  if (policy.throughput)
    results.push(
      compare({
        check: "latency.throughput",
        group: "latency",
        relation: ">=",
        unit: " rows/s",
        label: "throughput",
        value: throughput,
        bound: policy.throughput.min,
        level: policy.throughput.level,
        why: `${many.calls} consecutive calls of ${many.rows} rows, warm`,
      }),
    );
  const plain = ({ rows, calls, p50, p95, p99 }: LatencyQuantiles) => ({ rows, calls, p50, p95, p99 });
  return { results, facts: { latency: { single: plain(single), batch: plain(many), throughput } } };
}

async function measure(predictor: Predictor, snapshot: Snapshot, rows: number) {
  const input = inputs(modelTable(predictor.signature, snapshot), rows);
  await timeCalls(predictor, input, WARM_UP);
  const times = (await timeCalls(predictor, input, MEASURED)).sort();
  const [p50, p95, p99] = quantileKeys.map((key) => quantile(times, QUANTILES[key])) as [number, number, number];
  return { rows, calls: times.length, p50, p95, p99, mean: times.reduce((sum, time) => sum + time, 0) / times.length };
}

/** Returns consecutive rows for each call, wrapping around at the end. */
function inputs(table: Table, size: number): (call: number) => Table {
  const held = Math.min(table.rows, 1024);
  return (call) => {
    const start = (call * size) % held;
    if (start + size <= held) return sliceRows(table, start, size);
    return gatherRows(
      table,
      Array.from({ length: size }, (_, row) => (start + row) % held),
    );
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
