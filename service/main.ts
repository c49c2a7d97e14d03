import { flushCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";
import { readSettings } from "./settings.ts";
import { sayFailure } from "./start-failure.ts";

// The heap is collected when it is half as large again as after the last collection. V8 lets it grow to several times that where garbage comes fast, as from
// bodies that are no JSON (V8 keeps the text of each until a full collection): the process then takes some 40 MiB more for no use.
setFlagsFromString("--heap-growing-percent=50");

/**
 * Starts the service: `MODEL_URI=… node service/main.ts` (settings.ts has the variables). Prints one line of JSON when it listens;
 * a failed start is one line on stderr and exit code 1. SIGTERM and SIGINT stop it gracefully, with exit code 0.
 */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const { WORKERS } = settings;
  const { serve } = WORKERS > 1 ? await import("./cluster.ts") : await import("./process.ts");
  await serve(settings);
  // Not only when the process ends by itself: it may be killed.
  flushCompileCache();
}

main().catch((error: unknown) => {
  sayFailure(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
