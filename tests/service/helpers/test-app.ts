import { createApp } from "../../../service/app.ts";
import type { AppOptions, Limits } from "../../../service/core.ts";
import { openPredictor } from "../../../service/predictor/predictor.ts";
import { testModel } from "./test-model.ts";

export const MODEL = { name: "churn-model", version: "3", stage: "Staging", sha256: "a".repeat(64) };

interface TestApp extends Partial<Limits> {
  readonly model?: Parameters<typeof testModel>[0];
  readonly isReady?: () => boolean;
  readonly more?: Partial<AppOptions>;
}

/** The app around a model of three features. */
export async function testApp({ model, isReady, maxRows = 5, maxBodyBytes = 2000, more = {} }: TestApp = {}) {
  await using files = await testModel(model);
  const predictor = await openPredictor(files.folder);
  const options = { predictor, model: MODEL, limits: { maxRows, maxBodyBytes }, ...more };
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
  const ask = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    app.request(path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });
  return { app, predictor, post, ask, predict: (body: unknown) => post(JSON.stringify(body)) };
}

/** An answer, each number as the float32 that it stands for: answers have the digits that tell float32s apart, and no more. */
export const float32s = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer), (_, value) => (typeof value === "number" ? Math.fround(value) : value));
