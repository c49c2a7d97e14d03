import { z } from "zod";

/**
 * What the service is asked and answers, as schemas for whoever calls it. The service itself checks rows by a plain loop
 * (features.ts), which is many times faster than a schema for each number, and imports only the types.
 */

const rows = z.array(z.array(z.number()));
const records = z.array(z.record(z.string(), z.number()));

/**
 * `POST /predict` and `/invocations`: one row or more, each with the model's number of features, finite as float32. Lists are in the model's
 * order; named columns may be in any.
 */
export const PredictRequest = z.union([
  z.strictObject({ features: rows.min(1) }),
  z.strictObject({ instances: z.union([rows.min(1), records.min(1)]) }),
  z.strictObject({ inputs: z.union([rows.min(1), z.record(z.string(), z.array(z.number()).min(1))]) }),
  z.strictObject({
    dataframe_split: z.strictObject({
      columns: z.array(z.union([z.string(), z.number()])).optional(),
      data: rows.min(1),
      index: z.array(z.unknown()).optional(),
    }),
  }),
  z.strictObject({ dataframe_records: records.min(1) }),
]);
export type PredictRequest = z.infer<typeof PredictRequest>;

/** One label a row, and the probability of each class a row when the model gives them. */
export const PredictAnswer = z.object({
  predictions: z.array(z.number().int()),
  probabilities: z.array(z.array(z.number().min(0).max(1))).optional(),
});
export type PredictAnswer = z.infer<typeof PredictAnswer>;

/** `POST /invocations`, as `mlflow models serve` answers: the model's outputs by name. */
export const InvocationsAnswer = z.object({
  predictions: z.record(z.string(), z.union([z.array(z.number()), z.array(z.array(z.number()))])),
});

const tensor = { name: z.string(), shape: z.array(z.number().int().min(0)), datatype: z.string() };

/** `POST /v2/models/{name}/infer`: the Open Inference Protocol; one tensor [rows, features], or a tensor [rows, 1] a column. */
export const InferRequest = z.strictObject({
  id: z.string().optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  inputs: z
    .array(
      z.object({
        ...tensor,
        datatype: z.enum([
          "FP16",
          "FP32",
          "FP64",
          "INT8",
          "INT16",
          "INT32",
          "INT64",
          "UINT8",
          "UINT16",
          "UINT32",
          "UINT64",
        ]),
        data: z.array(z.union([z.number(), z.array(z.number())])),
        parameters: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .min(1),
  outputs: z.array(z.object({ name: z.string(), parameters: z.record(z.string(), z.unknown()).optional() })).optional(),
});

export const InferAnswer = z.object({
  model_name: z.string(),
  model_version: z.string(),
  id: z.string().optional(),
  outputs: z.array(z.object({ ...tensor, data: z.array(z.number()) })),
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
