// Starts the service as main.ts does, with Node's compile cache in the user's cache folder. From the second start on, nothing is compiled and no types are
// stripped, which halves the startup time and saves the type stripper's memory. This separate file exists because the cache must be enabled before the
// first TypeScript file loads. The folder belongs to the user, because its content is executed. If it is not writable, the service starts without it.
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

enableCompileCache(process.env.NODE_COMPILE_CACHE ?? join(homedir(), ".cache", "model-promotion", "compiled"));
const reference = process.env.DRIFT_REFERENCE ?? "";
if (/\.(csv|parquet)$/i.test(reference)) {
  // Converts a snapshot to bins. No image includes this file, so none includes the readers loaded here.
  const { signatureOfModel, unpinnedReferenceBins } = await import("../training/gate/unpinned-bins.ts");
  try {
    // Ignores errors of the model, which are reported when it is loaded.
    const signature = await signatureOfModel(process.env.MODEL_URI ?? "").catch(() => undefined);
    process.env.DRIFT_REFERENCE = await unpinnedReferenceBins(reference, { signature });
  } catch (error) {
    process.stderr.write(`service did not start: DRIFT_REFERENCE ${reference}: ${error.message}\n`);
    process.exit(1);
  }
}
await import("./main.ts");
