// Starts the service as main.ts does, which see, with what Node has compiled kept in the user's cache: from the second start on nothing is compiled or stripped
// of its types, which is half of a start's time, and the stripper's own memory is not needed. That has to be in force before the first TypeScript
// file, hence this one. The folder is the user's own, since what stands there is run; where it cannot be written, all is as without it.
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

enableCompileCache(process.env.NODE_COMPILE_CACHE ?? join(homedir(), ".cache", "model-promotion", "compiled"));
const reference = process.env.DRIFT_REFERENCE ?? "";
if (/\.(csv|parquet)$/i.test(reference)) {
  // A snapshot: the service takes its bins. This file is in no image, so the readers that are loaded here are not either.
  const { unpinnedReferenceBins } = await import("../training/gate/reference-bins.ts");
  const { signatureOfModel } = await import("../training/gate/model-signature.ts");
  try {
    // What is wrong with the model is said when it is served.
    const signature = await signatureOfModel(process.env.MODEL_URI ?? "").catch(() => undefined);
    process.env.DRIFT_REFERENCE = await unpinnedReferenceBins(reference, { signature });
  } catch (error) {
    process.stderr.write(`service did not start: DRIFT_REFERENCE ${reference}: ${error.message}\n`);
    process.exit(1);
  }
}
await import("./main.ts");
