import { createApp } from "./app.ts";
import { log } from "./log.ts";
import { loadModel } from "./model-source.ts";
import { openPredictor } from "./predictor/predictor.ts";
import { createService } from "./server.ts";
import { readSettings } from "./settings.ts";

/**
 * Starts the service: `MODEL_URI=… node service/main.ts` (settings.ts has the variables). Prints one line of JSON when it listens;
 * a failed start is one line on stderr and exit code 1. SIGTERM and SIGINT stop it gracefully, with exit code 0.
 */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const { folder, ...model } = await loadModel({
    uri: settings.MODEL_URI,
    cache: settings.MODEL_CACHE,
    sha256: settings.MODEL_SHA256,
    name: settings.MODEL_NAME,
    version: settings.MODEL_VERSION,
    stage: settings.MODEL_STAGE,
    gatePublicKey: settings.GATE_PUBLIC_KEY,
  });
  const predictor = await openPredictor(folder);
  const limits = { maxRows: settings.MAX_ROWS, maxBodyBytes: settings.MAX_BODY_BYTES };
  const service = createService((isReady) => createApp({ predictor, model, limits, isReady }));
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
    log("info", "stopped");
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(signal));
}

main().catch((error: unknown) => {
  process.stderr.write(`service did not start: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
});
