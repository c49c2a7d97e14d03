import { type AppOptions, createApi } from "./api.ts";
import { memoryProblem, modelBytes } from "./model-memory.ts";
import { loadModel, type ModelIdentity, requestedModel } from "./model-source.ts";
import { readCard } from "./page/card.ts";
import { openPredictor } from "./predictor/predictor.ts";
import { createService, type ServerState, type Service } from "./server.ts";
import type { Settings } from "./settings.ts";
import { flushLog, log, setLogLevel } from "./watch/log.ts";

/** A service with its model loaded, before it listens. */
export interface Prepared {
  readonly service: Service;
  readonly model: ModelIdentity;
  /** Drains, flushes logs and traces, and exits. */
  stop(signal: string): Promise<void>;
}

/** Serves in this process until SIGTERM or SIGINT. Resolves once it listens. */
export async function serve(settings: Settings): Promise<void> {
  const { service, model, stop } = await prepare(settings);
  const { HOST, PORT, SHARED_PORT } = settings;
  const listening = await service.listen(HOST, PORT);
  onStopSignal((signal) => void stop(signal));
  if (SHARED_PORT !== undefined) process.on("SIGUSR2", sharedPortOpener(service, HOST, SHARED_PORT));
  printListening(listening, model);
}

/** Prints the line on stdout that says that the service listens. */
export function printListening(listening: string, model: ModelIdentity): void {
  const startMs = Math.round(performance.now());
  process.stdout.write(`${JSON.stringify({ listening, ...model, pid: process.pid, startMs })}\n`);
}

/** Handles only the first signal. Under npm, Ctrl-C arrives twice, and a shutdown has a time limit, so a second signal need not speed it up. */
export function onStopSignal(stop: (signal: string) => void): void {
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      if (!stopping) stop(signal);
      stopping = true;
    });
}

/** Loads the model and builds the service, without listening. */
export async function prepare(
  settings: Settings,
  collectObservations?: AppOptions["collectObservations"],
): Promise<Prepared> {
  setLogLevel(settings.LOG_LEVEL);
  const { folder, card, ...model } = await loadModel(requestedModel(settings));
  const problem = memoryProblem(await modelBytes(folder), process.constrainedMemory(), settings.WORKERS);
  if (problem !== undefined) {
    log("warn", problem);
    // Flushed now, because opening the model may get the process killed.
    await flushLog();
  }
  const predictor = await openPredictor(folder);
  const { DRIFT_REFERENCE, DATA_CONTRACT, DATA_CONTRACT_MODE, OTHER_URL } = settings;
  // The following modules are loaded on demand, which halves the startup time.
  const reference =
    DRIFT_REFERENCE === undefined
      ? undefined
      : await (await import("./watch/drift-reference.ts")).driftReferenceOf(
          DRIFT_REFERENCE,
          predictor.signature,
          model,
        );
  const contract =
    DATA_CONTRACT === undefined
      ? undefined
      : await (await import("./watch/read-contract.ts")).readContract(
          DATA_CONTRACT,
          predictor.signature,
          DATA_CONTRACT_MODE,
        );
  const spans = isTracingConfigured(process.env)
    ? (await import("./watch/telemetry.ts")).startTelemetry(model)
    : undefined;

  const build = (state: ServerState) =>
    createApi({
      ...state,
      predictor,
      model,
      folder,
      reference,
      contract,
      spans,
      collectObservations,
      otherUrl: OTHER_URL,
      limits: {
        maxRows: settings.MAX_ROWS,
        maxBodyBytes: settings.MAX_BODY_BYTES,
        maxQueueRows: settings.MAX_QUEUE_ROWS,
        maxWaitMs: settings.MAX_WAIT_MS,
      },
      access: {
        tokens: settings.API_TOKEN,
        origins: settings.CORS_ORIGINS,
        requestsPerSecond: settings.RATE_LIMIT,
      },
      card: { ...card, ...readCard(settings.MODEL_CARD) },
    });
  const service = createService(build);
  const stop = async (signal: string) => {
    log("info", "stopping", { signal });
    await service.stop(settings.STOP_SECONDS);
    await predictor.close();
    await spans?.stop();
    log("info", "stopped");
    await flushLog();
    process.exit(0);
  };
  return { service, model, stop };
}

/**
 * Returns a signal handler that listens on the shared port and prints the URL each time. A process that replaces another one receives the signal only once
 * it is verified.
 */
function sharedPortOpener(service: Service, host: string, port: number): () => void {
  let listening: Promise<string> | undefined;
  return () => {
    listening ??= service.listen(host, port, true);
    listening.then(
      (url) => process.stdout.write(`${JSON.stringify({ listening: url, pid: process.pid })}\n`),
      (error: Error) => {
        listening = undefined;
        log("error", "cannot listen on the shared port", { port, error: error.message });
      },
    );
  };
}

/** Whether OpenTelemetry's standard variables enable tracing. */
const isTracingConfigured = (env: NodeJS.ProcessEnv): boolean =>
  env.OTEL_SDK_DISABLED !== "true" &&
  env.OTEL_TRACES_EXPORTER !== "none" &&
  Boolean(env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT ?? env.OTEL_TRACES_EXPORTER);
