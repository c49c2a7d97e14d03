import { Hono } from "hono";
import { Batcher } from "./batcher.ts";
import { readJson } from "./body.ts";
import type { HealthAnswer, PredictAnswer, ReadyAnswer } from "./contract.ts";
import { readFeatures } from "./features.ts";
import { log } from "./log.ts";
import type { ModelIdentity } from "./model-source.ts";
import { page } from "./page.ts";
import { NonFiniteAnswerError, type Predictions, type Predictor } from "./predictor/predictor.ts";
import { ProblemError, problemResponse } from "./problem.ts";

export interface Limits {
  /** Rows a request. */
  readonly maxRows: number;
  /** Bytes of a request's body. */
  readonly maxBodyBytes: number;
}

export interface AppOptions {
  readonly predictor: Predictor;
  readonly model: ModelIdentity;
  readonly limits: Limits;
  /** False once the service is stopping. Default: always ready. */
  readonly isReady?: () => boolean;
}

/**
 * The service as a Hono app, without a port: see contract.ts for its questions and answers.
 * @example
 * const app = createApp({ predictor, model, limits: { maxRows: 10_000, maxBodyBytes: 1e7 } });
 * await app.request("/health");
 */
export function createApp({ predictor, model, limits, isReady = () => true }: AppOptions): Hono {
  const app = new Hono();
  const batcher = new Batcher(predictor);
  const { name, version, stage, sha256 } = model;
  const health: HealthAnswer = { status: "ok", stage, model: name, version, sha256 };
  const ready: ReadyAnswer = { status: "ready" };

  app.post("/predict", async (c) => {
    const body = await readJson(c.req.raw, limits.maxBodyBytes);
    const { features, rows } = readFeatures(body, predictor.signature, limits.maxRows);
    return c.json(toAnswer(await batcher.predict(features, rows).catch(toProblem)));
  });
  app.get("/health", (c) => c.json(health));
  app.get("/ready", (c) => {
    if (isReady()) return c.json(ready);
    throw new ProblemError(503, "the service is stopping", { headers: { "retry-after": "1" } });
  });
  const { html, headers } = page(predictor.signature);
  app.get("/", (c) => c.body(html, 200, headers));

  for (const [path, allow] of [
    ["/predict", "POST"],
    ["/health", "GET, HEAD"],
    ["/ready", "GET, HEAD"],
    ["/", "GET, HEAD"],
  ] as const)
    app.all(path, ({ req }) => {
      throw new ProblemError(405, `${path} takes ${allow}, not ${req.method}`, { headers: { allow } });
    });
  app.notFound(() => problemResponse(new ProblemError(404, "there are /predict, /health, /ready and /")));
  app.onError((error) => {
    if (error instanceof ProblemError) return problemResponse(error);
    log("error", "request failed", { error: error.stack ?? error.message });
    return problemResponse(new ProblemError(500, "the service failed; its log says why"));
  });
  return app;
}

/** Rows that the model itself overflows on are the caller's to change. */
function toProblem(error: unknown): never {
  if (!(error instanceof NonFiniteAnswerError)) throw error;
  const pointer = `/features/${error.row}`;
  throw new ProblemError(422, `the model has no finite answer for ${pointer}`, { pointer, cause: error });
}

function toAnswer({ labels, probabilities, classes }: Predictions): PredictAnswer {
  const predictions = labels as number[];
  if (!probabilities) return { predictions };
  const lists: number[][] = [];
  for (let start = 0; start < probabilities.length; start += classes) {
    const list: number[] = [];
    for (let index = start; index < start + classes; index++) list.push(probabilities[index] as number);
    lists.push(list);
  }
  return { predictions, probabilities: lists };
}
