import { z } from "zod";

/**
 * Response schemas for clients; the service itself imports only their types. Request schemas depend on the model: see openapi/requests.ts.
 */

/**
 * Response of `POST /predict`: one label, number or list of numbers per row, and the probability of each class if the model returns it.
 * openapi/answers.ts narrows this for a model.
 */
export const PredictAnswer = z.object({
  predictions: z.array(z.union([z.number(), z.string(), z.boolean(), z.array(z.unknown())])),
  /** Classes of the columns of `probabilities` or `scores`, unless they are 0, 1 and so on. */
  classes: z.array(z.union([z.number(), z.string(), z.boolean()])).optional(),
  probabilities: z.array(z.array(z.number().min(0).max(1))).optional(),
  /** Scores that are not probabilities: margins, anomaly scores. */
  scores: z.array(z.array(z.number())).optional(),
});
export type PredictAnswer = z.infer<typeof PredictAnswer>;

/** Integers beyond 2^53 are strings. */
const value = z.union([z.number(), z.string()]);

/** Response of `POST /invocations`, as `mlflow models serve` returns it: the model's outputs by name. */
export const InvocationsAnswer = z.object({
  predictions: z.record(z.string(), z.union([z.array(value), z.array(z.array(value))])),
});

const tensor = { name: z.string(), shape: z.array(z.number().int().min(0)), datatype: z.string() };

/** Response of `POST /v2/models/{name}/infer`, as the Open Inference Protocol specifies it. */
export const InferAnswer = z.object({
  model_name: z.string(),
  model_version: z.string(),
  id: z.string().optional(),
  outputs: z.array(z.object({ ...tensor, data: z.union([z.array(z.number()), z.array(z.string())]) })),
});

/** Response of `GET /v2/models/{name}`. */
export const ModelMetadata = z.object({
  name: z.string(),
  versions: z.array(z.string()),
  platform: z.string(),
  inputs: z.array(z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.number().int()) })),
  outputs: z.array(z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.number().int()) })),
});

/** Response of `GET /health`: the served model, which never changes during the process's lifetime. */
export const HealthAnswer = z.object({
  status: z.literal("ok"),
  stage: z.string(),
  model: z.string(),
  version: z.string(),
  /** digestFolder of the model's folder. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type HealthAnswer = z.infer<typeof HealthAnswer>;

/** Response of `GET /ready`: 200 with this body while the service accepts requests, 503 with a Problem during shutdown. */
export const ReadyAnswer = z.object({ status: z.literal("ready") });
export type ReadyAnswer = z.infer<typeof ReadyAnswer>;

/** Response of every error: RFC 9457, `application/problem+json`. */
export const Problem = z.object({
  /** Always `about:blank`: the status code defines the problem type (RFC 9457, 4.2.1). */
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  /** JSON pointer (RFC 6901) into the request body, such as `/features/3/7`. */
  pointer: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;
