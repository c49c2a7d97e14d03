// Starts the service as main.ts does, with Node's compile cache in the user's cache folder: from the second start on, nothing is compiled and no types are
// stripped, which halves the startup time and saves the type stripper's memory. The cache must be enabled before the first TypeScript file loads, hence
// this file. The folder belongs to the user, since its content is executed. If it is not writable, the service starts without the cache.
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

enableCompileCache(process.env.NODE_COMPILE_CACHE ?? join(homedir(), ".cache", "model-promotion", "compiled"));
const reference = process.env.DRIFT_REFERENCE ?? "";
if (/\.(csv|parquet)$/i.test(reference)) {
  // A snapshot: convert it to bins. This file is not in any image, so the readers loaded here are not either.
  const { signatureOfModel, unpinnedReferenceBins } = await import("../training/gate/unpinned-bins.ts");
  try {
    // Loading the model reports its own errors.
    const signature = await signatureOfModel(process.env.MODEL_URI ?? "").catch(() => undefined);
    process.env.DRIFT_REFERENCE = await unpinnedReferenceBins(reference, { signature });
  } catch (error) {
    process.stderr.write(`service did not start: DRIFT_REFERENCE ${reference}: ${error.message}\n`);
    process.exit(1);
  }
}
await import("./main.ts");
