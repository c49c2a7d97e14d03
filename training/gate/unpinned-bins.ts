import { referenceBins } from "../../data/drift/reference-bins.ts";
import { loadModel, requestedModel } from "../../service/model-source.ts";
import { openPredictor } from "../../service/predictor/predictor.ts";
import type { Signature } from "../../service/predictor/signature.ts";
import { readSettings } from "../../service/settings.ts";
import { readSnapshotData } from "../snapshot.ts";
import { leniently, type ReferenceOptions } from "./reference-bins.ts";

/** Computes the bins of a file without a DVC pointer, for a service that is started manually. */
export async function unpinnedReferenceBins(
  path: string,
  { format, signature }: Omit<ReferenceOptions, "md5"> = {},
): Promise<string> {
  let md5 = "";
  const data = await leniently({ format, signature }, (options) =>
    readSnapshotData(path, options, (identity) => {
      md5 = identity.md5;
    }),
  );
  return referenceBins({ path, md5, ...data });
}

/** Reads the signature of the model that a service with these variables would serve. @param uri see MODEL_URI @throws Error */
export async function signatureOfModel(uri: string, env: NodeJS.ProcessEnv = process.env): Promise<Signature> {
  const { folder } = await loadModel(requestedModel(readSettings({ ...env, MODEL_URI: uri })));
  const predictor = await openPredictor(folder);
  await predictor.close();
  return predictor.signature;
}
