import { z } from "zod";

/**
 * What the service is asked and answers, as schemas for whoever calls it. The service itself checks rows by a plain loop
 * (features.ts), which is many times faster than a schema for each number, and imports only the types.
 */

/** `POST /predict`: one row or more, each with the model's number of features, finite as float32. */
export const PredictRequest = z.strictObject({ features: z.array(z.array(z.number())).min(1) });
export type PredictRequest = z.infer<typeof PredictRequest>;

/** One label a row, and the probability of each class a row when the model gives them. */
export const PredictAnswer = z.object({
  predictions: z.array(z.number().int()),
  probabilities: z.array(z.array(z.number().min(0).max(1))).optional(),
});
export type PredictAnswer = z.infer<typeof PredictAnswer>;

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
