import { printable } from "../registry/printable.ts";
import { readSettings } from "./settings.ts";

/**
 * Starts the service: `MODEL_URI=… node service/main.ts` (settings.ts has the variables). Prints one line of JSON when it listens;
 * a failed start is one line on stderr and exit code 1. SIGTERM and SIGINT stop it gracefully, with exit code 0.
 */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const { WORKERS } = settings;
  const { serve } = WORKERS > 1 ? await import("./cluster.ts") : await import("./process.ts");
  await serve(settings);
}

main().catch((error: unknown) => {
  const why = error instanceof Error ? error.message : String(error);
  // It may quote the registry, or the model's files.
  process.stderr.write(`service did not start: ${printable(why)}\n`);
  process.exit(1);
});
