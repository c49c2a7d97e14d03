import { createApp, type Limits } from "../../../service/app.ts";
import { openPredictor } from "../../../service/predictor/predictor.ts";
import { testModel } from "./test-model.ts";

export const MODEL = { name: "churn-model", version: "3", stage: "Staging", sha256: "a".repeat(64) };

interface TestApp extends Partial<Limits> {
  readonly model?: Parameters<typeof testModel>[0];
  readonly isReady?: () => boolean;
}

/** The app around a model of three features. */
export async function testApp({ model, isReady, maxRows = 5, maxBodyBytes = 2000 }: TestApp = {}) {
  await using files = await testModel(model);
  const predictor = await openPredictor(files.folder);
  const options = { predictor, model: MODEL, limits: { maxRows, maxBodyBytes } };
  const app = createApp(isReady ? { ...options, isReady } : options);
  const post = (
    body: string | Uint8Array<ArrayBuffer> | ReadableStream,
    headers: Record<string, string> = { "content-type": "application/json" },
  ) =>
    app.request("/predict", {
      method: "POST",
      body,
      headers,
      ...(body instanceof ReadableStream && { duplex: "half" }),
    });
  return { app, predictor, post, predict: (body: unknown) => post(JSON.stringify(body)) };
}
