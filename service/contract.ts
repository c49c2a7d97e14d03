import { z } from "zod";

/**
 * What the service answers, as schemas for whoever calls it; the service itself imports only the types. What it may be asked depends on the model:
 * openapi/requests.ts.
 */

/** One label, number or list of numbers a row, and the probability of each class a row when the model gives them. More exactly, for a model: openapi/answers.ts. */
export const PredictAnswer = z.object({
  predictions: z.array(z.union([z.number(), z.string(), z.boolean(), z.array(z.unknown())])),
  /** Of the columns of `probabilities` or `scores`, where they are not 0, 1 and so on. */
  classes: z.array(z.union([z.number(), z.string(), z.boolean()])).optional(),
  probabilities: z.array(z.array(z.number().min(0).max(1))).optional(),
  /** Scores other than probabilities: margins, anomaly scores. */
  scores: z.array(z.array(z.number())).optional(),
});
export type PredictAnswer = z.infer<typeof PredictAnswer>;

/** A whole number beyond 2^53 is text. */
const value = z.union([z.number(), z.string()]);

/** `POST /invocations`, as `mlflow models serve` answers: the model's outputs by name. */
export const InvocationsAnswer = z.object({
  predictions: z.record(z.string(), z.union([z.array(value), z.array(z.array(value))])),
});

const tensor = { name: z.string(), shape: z.array(z.number().int().min(0)), datatype: z.string() };

/** `POST /v2/models/{name}/infer`, by the Open Inference Protocol. */
export const InferAnswer = z.object({
  model_name: z.string(),
  model_version: z.string(),
  id: z.string().optional(),
  outputs: z.array(z.object({ ...tensor, data: z.union([z.array(z.number()), z.array(z.string())]) })),
});

/** `GET /v2/models/{name}`. */
export const ModelMetadata = z.object({
  name: z.string(),
  versions: z.array(z.string()),
  platform: z.string(),
  inputs: z.array(z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.number().int()) })),
  outputs: z.array(z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.number().int()) })),
});

/** `GET /health`: which model the process serves; it never changes while the process lives. */
export const HealthAnswer = z.object({
  status: z.literal("ok"),
  stage: z.string(),
  model: z.string(),
  version: z.string(),
  /** digestFolder of the model's folder. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type HealthAnswer = z.infer<typeof HealthAnswer>;

/** `GET /ready`: 200 with this while requests are taken, 503 with a Problem once the service is stopping. */
export const ReadyAnswer = z.object({ status: z.literal("ready") });
export type ReadyAnswer = z.infer<typeof ReadyAnswer>;

/** Every error: RFC 9457, `application/problem+json`. */
export const Problem = z.object({
  /** `about:blank`: the status says what kind of problem it is (RFC 9457, 4.2.1). */
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  /** JSON pointer (RFC 6901) into the request's body, such as `/features/3/7`. */
  pointer: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;
