import { readFile } from "node:fs/promises";
import { startService } from "../tests/service/helpers/service-process.ts";
import { testModel } from "../tests/service/helpers/test-model.ts";
import { columnMeans, evaluateObjective } from "../training/logistic-objective.ts";

/**
 * Measures the inputs of docs/scaling.md: processor time of the service per request and per row, and of the trainer per row in
 * one pass over the data. Processor time depends little on other load, unlike elapsed time. The last line is JSON.
 */
const REQUESTS = 6_000;
const CONNECTIONS = 8;
const MANY = 64;
const TRAINING_ROWS = 200_000;
const COLUMNS = 10;
/** Linux counts the time of a process in ticks of 10 ms. */
const TICK_US = 10_000;

await using model = await testModel({ weights: Array.from({ length: COLUMNS }, (_, index) => index / 10 - 0.5) });
await using service = await startService({ MODEL_URI: model.folder });
await cpuPerRequest(1, REQUESTS); // warm-up: hot code gets compiled
const single = await cpuPerRequest(1, REQUESTS);
const many = await cpuPerRequest(MANY, REQUESTS / 4);
const residentMb = await memory();
const trainer = nanosecondsPerRow();

console.log(
  `service: ${single.toFixed(0)} us of CPU per request of one row, ${many.toFixed(0)} us per request of ${MANY} rows`,
);
console.log(`trainer: ${trainer.toFixed(0)} ns of CPU per row and pass`);
console.log(
  JSON.stringify({
    requestMicroseconds: Math.round(single),
    requestOf64RowsMicroseconds: Math.round(many),
    serviceResidentMb: Math.round(residentMb),
    trainerNanosecondsPerRowAndPass: Math.round(trainer),
  }),
);

async function cpuPerRequest(rows: number, requests: number): Promise<number> {
  const row = Array.from({ length: COLUMNS }, (_, index) => Math.sin(index));
  const body = JSON.stringify({ features: Array.from({ length: rows }, () => row) });
  const headers = { "content-type": "application/json" };
  const before = await cpuMicroseconds();
  let left = requests;
  const caller = async () => {
    while (left-- > 0) {
      const response = await fetch(`${service.url}/predict`, { method: "POST", body, headers });
      if (!response.ok) throw new Error(`/predict answered ${response.status}`);
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, caller));
  return ((await cpuMicroseconds()) - before) / requests;
}

async function cpuMicroseconds(): Promise<number> {
  const stat = await readFile(`/proc/${service.child.pid}/stat`, "utf8");
  // After the name, which may contain spaces: utime and stime are fields 14 and 15 (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

async function memory(): Promise<number> {
  const status = await readFile(`/proc/${service.child.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** One evaluation of the objective with gradient and Hessian, as in each Newton step. */
function nanosecondsPerRow(): number {
  const features = Float64Array.from({ length: TRAINING_ROWS * COLUMNS }, (_, index) => Math.sin(index * 1.7));
  const labels = Int32Array.from({ length: TRAINING_ROWS }, (_, row) => row % 2);
  const problem = { features, labels, means: columnMeans(features, COLUMNS), C: 1 };
  const point = new Float64Array(COLUMNS + 1).fill(0.1);
  const once = () => evaluateObjective(problem, point);
  once();
  const before = process.cpuUsage();
  const passes = 5;
  for (let pass = 0; pass < passes; pass++) once();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / (passes * TRAINING_ROWS);
}
