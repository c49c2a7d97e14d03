import { onTestFinished } from "vitest";
import { type AppOptions, createApi, type Limits } from "../../../service/api.ts";
import { appOf } from "../../../service/app.ts";
import { openPredictor } from "../../../service/predictor/predictor.ts";
import { createService } from "../../../service/server.ts";
import { nodeRequest } from "./node-request.ts";
import { testModel } from "./test-model.ts";

export const MODEL = { name: "churn-model", version: "3", stage: "Staging", sha256: "a".repeat(64) };

interface TestApp extends Partial<Limits> {
  readonly model?: Parameters<typeof testModel>[0];
  readonly isReady?: () => boolean;
  readonly more?: Partial<AppOptions>;
}

/**
 * Creates the service for a model with three features. `post`, `ask` and `predict` send HTTP requests, handled on the same path as in production. `app` is the
 * same API behind Hono, which handles everything else.
 */
export async function testApp({ model, isReady, maxRows = 5, maxBodyBytes = 2000, more = {} }: TestApp = {}) {
  await using files = await testModel(model);
  const predictor = await openPredictor(files.folder);
  const service = createService((state) =>
    createApi({
      predictor,
      model: MODEL,
      limits: { maxRows, maxBodyBytes },
      ...state,
      ...more,
      ...(isReady && { isReady }),
    }),
  );
  const url = await service.listen("127.0.0.1", 0);
  onTestFinished(() => service.stop(0));
  const post = (
    body: string | Uint8Array,
    headers: Record<string, string> = { "content-type": "application/json" },
    path = "/predict",
  ) => nodeRequest(url + path, { body, headers });
  const ask = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    post(JSON.stringify(body), { "content-type": "application/json", ...headers }, path);
  const predict = (body: unknown) => post(JSON.stringify(body));
  return { app: appOf(service.api), url, predictor, post, ask, predict };
}

/** Returns a response with each number rounded to float32, because responses have only the digits that distinguish float32s. */
export const float32s = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer), (_, value) => (typeof value === "number" ? Math.fround(value) : value));
