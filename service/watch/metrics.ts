import { AggregatorRegistry, collectDefaultMetrics, Registry } from "prom-client";
import type { Observations } from "../api.ts";
import type { ModelIdentity } from "../model-source.ts";
import { addContractCounts, type ContractCounts } from "./contract.ts";
import { addCounts, BATCH_BOUNDS, type HistogramCounts, LATENCY_BOUNDS } from "./counts.ts";
import { readCpuPeriods, readEventLoop } from "./cpu-time.ts";
import { type DriftReport, driftOf } from "./drift.ts";

export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** Metrics of this process, from the first scrape on: CPU, memory, event loop and garbage collection. */
const processRegistry = new Registry();
collectDefaultMetrics({ register: processRegistry });

type Labels = Record<string, string | number>;
interface Value {
  readonly value: number;
  readonly labels: Labels;
  readonly metricName?: string;
}

/** Renders `/metrics` for all processes of the service. Only `process_*` and `nodejs_*` are those of the responding process. */
export async function renderMetrics(all: readonly Observations[], model: ModelIdentity): Promise<string> {
  const { requests, latency, batchRows, classes, probes, inFlight, queuedRows } = addCounts(
    all.map(({ counts }) => counts),
  );
  const { name, version, stage, sha256 } = model;
  const metrics = [
    metric("gauge", "inference_model_info", "The served model; always 1", [
      { labels: { model: name, version, stage, sha256 }, value: 1 },
    ]),
    metric("gauge", "inference_requests_in_flight", "Prediction requests in progress", [
      { labels: {}, value: inFlight },
    ]),
    metric("gauge", "inference_queue_rows", "Rows that wait for the model", [{ labels: {}, value: queuedRows }]),
    metric(
      "counter",
      "inference_requests_total",
      "Prediction requests, by route and HTTP status",
      byRouteAndStatus(requests),
    ),
    metric(
      "counter",
      "inference_probe_requests_total",
      "Requests of the deployment check, by route and HTTP status; excluded from all other metrics",
      byRouteAndStatus(probes),
    ),
    metric(
      "counter",
      "inference_predictions_total",
      "Rows predicted, by class",
      Object.entries(classes).map(([label, value]) => ({ labels: { class: label }, value })),
    ),
    metric(
      "histogram",
      "inference_request_duration_seconds",
      "Time from a request's headers to its response, by route",
      Object.entries(latency).flatMap(([route, one]) =>
        buckets("inference_request_duration_seconds", LATENCY_BOUNDS, one, { route }),
      ),
    ),
    metric(
      "histogram",
      "inference_batch_rows",
      "Rows per run of the model",
      buckets("inference_batch_rows", BATCH_BOUNDS, batchRows, {}),
    ),
    ...contractMetrics(all),
    ...driftMetrics(all),
    ...cpuMetrics(),
    // Omitted with several processes, because a different one may answer the next scrape.
    ...(all.length === 1 ? eventLoopMetrics() : []),
  ];
  // aggregate() is prom-client's way to render counts of other processes.
  const registry = AggregatorRegistry.aggregate([metrics]);
  return `${await registry.metrics()}\n${await processRegistry.metrics()}`;
}

function driftMetrics(all: readonly Observations[]) {
  const drifts = all.map(({ drift }) => drift).filter((drift): drift is DriftReport => drift !== undefined);
  if (drifts.length === 0) return [];
  const { rows, psi, missing } = driftOf(drifts);
  const known = Object.entries(psi).filter((entry): entry is [string, number] => entry[1] !== null);
  return [
    metric("gauge", "inference_drift_window_rows", "Rows in the drift window", [{ labels: {}, value: rows }]),
    metric(
      "gauge",
      "inference_feature_drift_psi",
      "Population stability index of a feature against the reference; above 0.25 it has drifted",
      known.map(([feature, value]) => ({ labels: { feature }, value })),
    ),
    metric(
      "gauge",
      "inference_feature_missing_ratio",
      "Share of the window's rows without a value, for features with missing values here or in the reference",
      Object.entries(missing).map(([feature, value]) => ({ labels: { feature }, value })),
    ),
  ];
}

function contractMetrics(all: readonly Observations[]) {
  const counted = all.map(({ contract }) => contract).filter((one): one is ContractCounts => one !== undefined);
  if (counted.length === 0) return [];
  const values = Object.entries(addContractCounts(counted)).map(([key, value]) => {
    // Rule names have no spaces; column names may.
    const cut = key.indexOf(" ");
    return { labels: { column: key.slice(cut + 1), rule: key.slice(0, cut) }, value };
  });
  return [
    metric(
      "counter",
      "inference_contract_violations_total",
      "Request values that violate the data contract, by column and rule",
      values,
    ),
  ];
}

/** Returns CPU metrics of the container. All processes share it, so they are counted once. */
function cpuMetrics() {
  const cpu = readCpuPeriods();
  if (!cpu) return [];
  return [
    total("inference_cpu_periods_total", "Scheduler periods in which the container was runnable", cpu.periods),
    total(
      "inference_cpu_throttled_periods_total",
      "Scheduler periods in which the container was throttled by its CPU limit",
      cpu.throttledPeriods,
    ),
    total(
      "inference_cpu_throttled_seconds_total",
      "Time that the container's threads were throttled by its CPU limit",
      cpu.throttledSeconds,
    ),
  ];
}

function eventLoopMetrics() {
  const loop = readEventLoop();
  if (!loop) return [];
  return [
    total("inference_event_loop_run_seconds_total", "Time that the event loop ran on a CPU", loop.ran),
    total("inference_event_loop_wait_seconds_total", "Time that the event loop waited for a CPU", loop.waited),
  ];
}

const total = (name: string, help: string, value: number) => metric("counter", name, help, [{ labels: {}, value }]);

/** Converts counts by `route status` to labelled values. */
const byRouteAndStatus = (counts: Readonly<Record<string, number>>): Value[] =>
  Object.entries(counts).map(([key, value]) => {
    const [route = "", status = ""] = key.split(" ");
    return { labels: { route, status }, value };
  });

const metric = (type: string, name: string, help: string, values: readonly Value[]) => ({
  type,
  name,
  help,
  values,
  aggregator: "sum",
});

function buckets(name: string, bounds: readonly number[], { counts, sum }: HistogramCounts, labels: Labels): Value[] {
  let count = 0;
  const values = [...bounds, "+Inf"].map((le, bucket) => {
    count += counts[bucket] ?? 0;
    return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
  });
  return [
    ...values,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
