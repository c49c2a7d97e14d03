import { loadModel, requestedModel } from "../../service/model-source.ts";
import { openPredictor } from "../../service/predictor/predictor.ts";
import type { Signature } from "../../service/predictor/signature.ts";
import { readSettings } from "../../service/settings.ts";

/** Signature of the model that a service with these variables would serve. @param uri see MODEL_URI @throws Error */
export async function signatureOfModel(uri: string, env: NodeJS.ProcessEnv = process.env): Promise<Signature> {
  const { folder } = await loadModel(requestedModel(readSettings({ ...env, MODEL_URI: uri })));
  const predictor = await openPredictor(folder);
  await predictor.close();
  return predictor.signature;
}
