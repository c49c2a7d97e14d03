import { flushCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";
import { readSettings } from "./settings.ts";
import { printFailure } from "./watch/log.ts";

// Collects garbage once the heap has grown by half since the last collection. By default, V8 lets it grow several times larger if garbage accumulates
// quickly, for example from bodies that are not JSON, whose text V8 keeps until a full collection. That would cost about 40 MiB for no benefit.
setFlagsFromString("--heap-growing-percent=50");

/**
 * Starts the service: `MODEL_URI=… node service/main.ts` (settings.ts lists the variables). Prints one line of JSON once it listens. If the start fails,
 * prints one line on stderr and exits with code 1. SIGTERM and SIGINT shut it down gracefully, with exit code 0.
 */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const { WORKERS } = settings;
  const { serve } = WORKERS > 1 ? await import("./cluster.ts") : await import("./process.ts");
  await serve(settings);
  // Written now, because the process may be killed before a normal exit.
  flushCompileCache();
}

main().catch((error: unknown) => {
  printFailure(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
