import { type AppOptions, createCore, type Watched } from "./core.ts";
import { loadModel } from "./model-source.ts";
import { readCard } from "./page/card.ts";
import { openPredictor } from "./predictor/predictor.ts";
import { createService, type ServerState } from "./server.ts";
import type { Settings } from "./settings.ts";
import { flushLog, log, setLogLevel } from "./watch/log.ts";

/** Serves in this process; resolves when it listens. It ends with the process, on SIGTERM or SIGINT. */
export async function serve(settings: Settings, collect?: AppOptions["collect"]): Promise<{ watched(): Watched }> {
  setLogLevel(settings.LOG_LEVEL);
  const { folder, card, ...model } = await loadModel({
    uri: settings.MODEL_URI,
    cache: settings.MODEL_CACHE,
    sha256: settings.MODEL_SHA256,
    name: settings.MODEL_NAME,
    version: settings.MODEL_VERSION,
    stage: settings.MODEL_STAGE,
    gatePublicKey: settings.GATE_PUBLIC_KEY,
  });
  const predictor = await openPredictor(folder);
  const { DRIFT_REFERENCE, OTHER_URL } = settings;
  // Loaded only where they are asked for: the service starts in half of the time.
  const reference =
    DRIFT_REFERENCE === undefined
      ? undefined
      : await (await import("./watch/drift-reference.ts")).readDriftReference(DRIFT_REFERENCE, predictor.signature);
  const spans = tracingIsAskedFor(process.env)
    ? (await import("./watch/telemetry.ts")).startTelemetry(model)
    : undefined;

  const build = (state: ServerState) =>
    createCore({
      ...state,
      ...{ predictor, model, reference, spans, collect, otherUrl: OTHER_URL },
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
  const listening = await service.listen(settings.HOST, settings.PORT);
  const startMs = Math.round(performance.now());
  process.stdout.write(`${JSON.stringify({ listening, ...model, pid: process.pid, startMs })}\n`);

  let stopping = false;
  const stop = async (signal: string) => {
    // Ctrl-C under npm comes twice. The stop is bounded, so a second signal need not hasten it.
    if (stopping) return;
    stopping = true;
    log("info", "stopping", { signal });
    await service.stop(settings.STOP_SECONDS);
    await predictor.close();
    await spans?.stop();
    log("info", "stopped");
    await flushLog();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(signal));
  return service.core;
}

/** By OpenTelemetry's standard variables. */
const tracingIsAskedFor = (env: NodeJS.ProcessEnv): boolean =>
  env.OTEL_SDK_DISABLED !== "true" &&
  env.OTEL_TRACES_EXPORTER !== "none" &&
  Boolean(env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT ?? env.OTEL_TRACES_EXPORTER);
