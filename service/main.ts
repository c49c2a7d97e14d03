import { flushCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";
import { readSettings } from "./settings.ts";
import { sayFailure } from "./watch/log.ts";

// Collects garbage once the heap has grown by half since the last collection. V8 lets it grow several times larger when garbage comes fast, for
// example from bodies that are not JSON (V8 keeps their text until a full collection). That would cost about 40 MiB for no benefit.
setFlagsFromString("--heap-growing-percent=50");

/**
 * Starts the service: `MODEL_URI=… node service/main.ts` (settings.ts lists the variables). Prints one line of JSON once it listens;
 * a failed start prints one line on stderr and exits with code 1. SIGTERM and SIGINT shut it down gracefully, with exit code 0.
 */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const { WORKERS } = settings;
  const { serve } = WORKERS > 1 ? await import("./cluster.ts") : await import("./process.ts");
  await serve(settings);
  // Written now, not only on a normal exit: the process may be killed.
  flushCompileCache();
}

main().catch((error: unknown) => {
  sayFailure(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
