import { createRoute, type RouteConfig } from "@hono/zod-openapi";
import { z } from "zod";
import type { Field } from "../../data/field.ts";
import { isDense } from "../../data/number-array.ts";
import * as contract from "../contract.ts";
import { BODY_FORMATS } from "../inference/body-formats.ts";
import { fieldDatatype } from "../inference/open-inference-model.ts";
import type { ModelIdentity } from "../model-source.ts";
import { columnNames } from "../predictor/signature.ts";
import { predictAnswer } from "./answers.ts";
import { inferRequest, type ModelInterface, predictRequest } from "./requests.ts";

export interface RouteOptions extends ModelInterface {
  readonly model: ModelIdentity;
  readonly needsToken: boolean;
  /** The row of the examples, in the model's order. */
  readonly example: readonly unknown[];
}

/** Meaning of each status other than 200. */
const PROBLEMS = {
  400: "the body is not JSON",
  401: "the bearer token is missing or invalid",
  403: "the page's origin is not allowed",
  413: "the request exceeds the limit of rows or bytes",
  415: "the content type is not accepted by the route, the charset is not UTF-8, or the body has a content-encoding",
  422: "the body does not match the model's signature; `pointer` locates the fault",
  429: "rate limit exceeded; retry after Retry-After",
  500: "internal error; see the service's log",
  503: "the queue is full, or the service is shutting down; retry after Retry-After",
} as const;
type Status = keyof typeof PROBLEMS;

const Problem = contract.Problem.meta({ id: "Problem" });
const RequestId = z.string().meta({ description: "the caller's id, or else its trace id, or else a new id" });
const RetryAfter = z.string().meta({ description: "seconds" });
const live = z.object({ live: z.literal(true) });
const ready = z.object({ ready: z.literal(true) });

/** Returns all documented paths, as createRoute expects them. */
export function routes(options: RouteOptions): RouteConfig[] {
  const { model, signature, example } = options;
  const base = `/v2/models/${encodeURIComponent(model.name)}`;
  const bases = [base, `${base}/versions/${encodeURIComponent(model.version)}`];
  const predict = { request: predictRequest(options), examples: lists(signature, example) };
  const infer = { request: inferRequest(options), examples: tensors(signature, example) };
  const answers = {
    predict: predictAnswer(options),
    invocations: contract.InvocationsAnswer.meta({ id: "InvocationsAnswer" }),
    infer: contract.InferAnswer.meta({ id: "InferAnswer" }),
    model: contract.ModelMetadata.meta({ id: "ModelMetadata" }),
    health: contract.HealthAnswer.meta({ id: "HealthAnswer" }),
    ready: contract.ReadyAnswer.meta({ id: "ReadyAnswer" }),
    modelReady: ready.extend({ name: z.string() }),
    server: z.object({ name: z.string(), version: z.string(), extensions: z.array(z.string()) }),
    ping: z.object({ status: z.literal("ok") }),
  };
  return [
    postRoute(options, "/predict", "Predict rows", predict, answers.predict),
    postRoute(
      options,
      "/invocations",
      "Predict rows, like MLflow's scoring server",
      { ...predict, others: otherFormats(signature, example) },
      answers.invocations,
    ),
    ...bases.map((path) =>
      postRoute(options, `${path}/infer`, "Predict tensors (Open Inference Protocol)", infer, answers.infer),
    ),
    ...bases.map((path) => getRoute(path, "Inputs and outputs of the model", answers.model)),
    ...bases.map((path) => getRoute(`${path}/ready`, "Whether the model accepts requests", answers.modelReady, [503])),
    getRoute("/health", "The served model", answers.health),
    getRoute("/ready", "Whether the service accepts requests", answers.ready, [503]),
    getRoute("/ping", "Whether the service is alive, like MLflow's scoring server", answers.ping),
    getRoute("/v2", "Name and version of the server", answers.server),
    getRoute("/v2/health/live", "Whether the service is alive", live),
    getRoute("/v2/health/ready", "Whether the service accepts requests", ready, [503]),
    {
      ...getRoute("/metrics", "Metrics in Prometheus format", z.string()),
      responses: { 200: { description: "Success", content: { "text/plain": { schema: z.string() } } } },
    },
  ];
}

interface RequestBody {
  readonly request: z.ZodType;
  readonly examples: Readonly<Record<string, unknown>>;
  /** Formats besides JSON, by media type. */
  readonly others?: ReturnType<typeof otherFormats>;
}

function postRoute(
  { needsToken }: RouteOptions,
  path: string,
  summary: string,
  requestBody: RequestBody,
  answer: z.ZodType,
) {
  const examples = Object.fromEntries(Object.entries(requestBody.examples).map(([key, value]) => [key, { value }]));
  const statuses: Status[] = [400, ...(needsToken ? [401 as const] : []), 403, 413, 415, 422, 429, 500, 503];
  return createRoute({
    method: "post",
    path,
    summary,
    request: {
      headers: z.object({ "x-request-id": z.string().optional(), traceparent: z.string().optional() }),
      body: {
        required: true,
        content: { "application/json": { schema: requestBody.request, examples }, ...requestBody.others },
      },
    },
    responses: {
      200: {
        description: "Success",
        headers: z.object({ "x-request-id": RequestId }),
        content: { "application/json": { schema: answer } },
      },
      ...problems(statuses, { "x-request-id": RequestId }),
    },
    ...(needsToken && { security: [{ token: [] }] }),
  });
}

const getRoute = (path: string, summary: string, answer: z.ZodType, statuses: readonly Status[] = []) =>
  createRoute({
    method: "get",
    path,
    summary,
    responses: {
      200: { description: "Success", content: { "application/json": { schema: answer } } },
      ...problems(statuses),
    },
  });

const problems = (statuses: readonly Status[], headers: Record<string, z.ZodType> = {}) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: PROBLEMS[status],
        headers: z.object(status === 429 || status === 503 ? { ...headers, "retry-after": RetryAfter } : headers),
        content: { "application/problem+json": { schema: Problem } },
      },
    ]),
  );

type Signature = ModelInterface["signature"];

function lists(signature: Signature, values: readonly unknown[]): Record<string, unknown> {
  const { inputs } = signature;
  const row = inputs.length === 1 && inputs[0]?.shape ? values[0] : values;
  const columns = columnNames(signature);
  const byColumn = (value: (index: number) => unknown) =>
    Object.fromEntries((columns ?? []).map((column, index) => [column, value(index)]));
  const named = columns && {
    dataframe_split: { dataframe_split: { columns, data: [values] } },
    records: { instances: [byColumn((index) => values[index])] },
    columns: { inputs: byColumn((index) => [values[index]]) },
  };
  return { features: { features: [row] }, instances: { instances: [row] }, inputs: { inputs: [row] }, ...named };
}

/** Describes the formats other than JSON, which cannot represent multi-dimensional tensors. */
function otherFormats(signature: Signature, values: readonly unknown[]) {
  const { inputs } = signature;
  if (inputs.some(({ shape }) => shape)) return {};
  const columns = columnNames(signature) ?? inputs.map((_, index) => `${index}`);
  return Object.fromEntries(
    Object.entries(BODY_FORMATS).map(([type, { description, example }]) => [
      type,
      {
        schema: z.string().meta({ description }),
        examples: { row: { value: example(columns, values) } },
      },
    ]),
  );
}

/** Returns an example with all fields in one tensor, if it can hold them, or else one tensor per column. */
function tensors({ inputs }: Signature, values: readonly unknown[]): Record<string, unknown> {
  const [first] = inputs;
  const tensor = (name: string, field: Field, inner: readonly number[], data: unknown) => {
    return { name, shape: [1, ...inner], datatype: fieldDatatype(field), data: [data].flat(Number.POSITIVE_INFINITY) };
  };
  if (first && inputs.length === 1)
    return { tensor: { inputs: [tensor(first.name, first, first.shape ?? [1], values[0])] } };
  if (first && isDense(inputs)) return { tensor: { inputs: [tensor("features", first, [inputs.length], values)] } };
  return {
    tensors: { inputs: inputs.map((field, index) => tensor(field.name, field, field.shape ?? [1], values[index])) },
  };
}
