import { InferenceSession, Tensor } from "onnxruntime-node";

export interface RawRuns {
  readonly rows: number;
  /** Sequential calls of `session.run` per second, in one process. */
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of processor time per call. */
  readonly cpuMicros: number;
}

/** Measures the model alone through onnxruntime's documented API: no HTTP, no JSON, no checks. Milliseconds like the servers'. */
export async function rawRuns(
  modelFile: string,
  rows: readonly (readonly number[])[],
  seconds: number,
): Promise<RawRuns> {
  const session = await InferenceSession.create(modelFile, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const [name = ""] = session.inputNames;
  const data = Float32Array.from(rows.flat());
  const feeds = { [name]: new Tensor("float32", data, [rows.length, data.length / rows.length]) };
  for (let count = 0; count < 2_000; count++) await session.run(feeds);
  const times: number[] = [];
  const before = process.cpuUsage();
  const begin = performance.now();
  for (let now = begin; now < begin + seconds * 1000; ) {
    await session.run(feeds);
    const after = performance.now();
    times.push(after - now);
    now = after;
  }
  const { user, system } = process.cpuUsage(before);
  const tookMs = performance.now() - begin;
  await session.release();
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  return {
    rows: rows.length,
    rate: (times.length / tookMs) * 1000,
    p50: at(0.5),
    p99: at(0.99),
    cpuMicros: (user + system) / times.length,
  };
}
