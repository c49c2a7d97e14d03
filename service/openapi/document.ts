import { z } from "zod";
import * as contract from "../contract.ts";
import type { ModelIdentity } from "../model-source.ts";
import type { ModelSignature } from "../predictor/signature.ts";

export interface DocumentFacts {
  readonly model: ModelIdentity;
  readonly signature: ModelSignature;
  readonly needsToken: boolean;
}

/** An operation as far as it differs from others. */
interface Operation {
  readonly summary: string;
  readonly method: "get" | "post";
  readonly path: string;
  readonly answer: string | "text";
  readonly request?: string;
  readonly examples?: Readonly<Record<string, unknown>>;
  /** Statuses other than 200 that it can answer. */
  readonly problems: readonly number[];
}

export type OpenApiDocument = ReturnType<typeof openApiDocument>;

const SCHEMAS = {
  PredictRequest: contract.PredictRequest,
  PredictAnswer: contract.PredictAnswer,
  InvocationsAnswer: contract.InvocationsAnswer,
  InferRequest: contract.InferRequest,
  InferAnswer: contract.InferAnswer,
  ModelMetadata: contract.ModelMetadata,
  HealthAnswer: contract.HealthAnswer,
  ReadyAnswer: contract.ReadyAnswer,
  Problem: contract.Problem,
};

const PROBLEMS: Readonly<Record<number, string>> = {
  400: "the body is not JSON",
  401: "the service's token is missing or wrong",
  403: "pages of this origin may not call",
  413: "more rows or bytes than are taken at once",
  415: "the body is not application/json in UTF-8 without content-encoding",
  422: "the body is not what the model takes; `pointer` says where",
  429: "more requests a second than a caller may make",
  500: "the service failed; its log says why",
  503: "more is waiting than is taken, or the service is stopping; try again after Retry-After",
};

/** The OpenAPI 3.1 document of the service with this very model: the schemas are those of contract.ts, whose dialect of JSON Schema is OpenAPI's. */
export function openApiDocument({ model, signature, needsToken }: DocumentFacts) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations(model, signature, needsToken)) {
    const { path, method } = operation;
    paths[path] = { ...paths[path], [method]: describe(operation, needsToken) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: `${model.name} ${model.version}`,
      version: model.version,
      description: `Predictions of the model ${model.name}, version ${model.version} (SHA-256 ${model.sha256}).`,
    },
    paths,
    components: {
      schemas: schemas(),
      ...(needsToken && { securitySchemes: { token: { type: "http", scheme: "bearer" } } }),
    },
  };
}

function operations({ name }: ModelIdentity, { features, columns }: ModelSignature, needsToken: boolean): Operation[] {
  const row = new Array<number>(features).fill(0);
  const refusals = [400, ...(needsToken ? [401] : []), 403, 413, 415, 422, 429, 500, 503];
  const named = columns && {
    dataframe_split: { dataframe_split: { columns, data: [row] } },
    records: { instances: [Object.fromEntries(columns.map((column) => [column, 0]))] },
  };
  const lists = { features: { features: [row] }, instances: { instances: [row] }, ...named };
  const infer = { inputs: [{ name: "features", shape: [1, features], datatype: "FP32", data: row }] };
  const base = `/v2/models/${encodeURIComponent(name)}`;
  const post = { method: "post", problems: refusals } as const;
  const get = { method: "get", problems: [] } as const;
  const ready = { method: "get", problems: [503] } as const;
  return [
    {
      ...post,
      path: "/predict",
      summary: "Predict rows",
      request: "PredictRequest",
      answer: "PredictAnswer",
      examples: lists,
    },
    {
      ...post,
      path: "/invocations",
      summary: "Predict rows, as MLflow's scoring server",
      request: "PredictRequest",
      answer: "InvocationsAnswer",
      examples: lists,
    },
    {
      ...post,
      path: `${base}/infer`,
      summary: "Predict a tensor, by the Open Inference Protocol",
      request: "InferRequest",
      answer: "InferAnswer",
      examples: { tensor: infer },
    },
    {
      ...get,
      path: base,
      summary: "What the model takes and gives, by the Open Inference Protocol",
      answer: "ModelMetadata",
    },
    { ...get, path: "/health", summary: "Which model is served", answer: "HealthAnswer" },
    { ...ready, path: "/ready", summary: "Whether requests are taken", answer: "ReadyAnswer" },
    { ...get, path: "/metrics", summary: "Metrics for Prometheus", answer: "text" },
  ];
}

function describe({ summary, request, answer, examples, problems }: Operation, needsToken: boolean) {
  const ref = (schema: string) => ({ $ref: `#/components/schemas/${schema}` });
  const refused = problems.map((status) => [
    status,
    { description: PROBLEMS[status], content: { "application/problem+json": { schema: ref("Problem") } } },
  ]);
  const content =
    answer === "text"
      ? { "text/plain": { schema: { type: "string" } } }
      : { "application/json": { schema: ref(answer) } };
  return {
    summary,
    ...(request && {
      requestBody: {
        required: true,
        content: {
          "application/json": {
            schema: ref(request),
            examples: Object.fromEntries(Object.entries(examples ?? {}).map(([key, value]) => [key, { value }])),
          },
        },
      },
      ...(needsToken && { security: [{ token: [] }] }),
    }),
    responses: { 200: { description: "The answer", content }, ...Object.fromEntries(refused) },
  };
}

function schemas(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(SCHEMAS).map(([name, schema]) => {
      const { $schema, ...plain } = z.toJSONSchema(schema, { io: "input" });
      return [name, plain];
    }),
  );
}
