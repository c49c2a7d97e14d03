import { z } from "zod";
import type { ModelOutput } from "../predictor/predictor.ts";
import type { ModelSignature } from "../predictor/signature.ts";

/** What a client may send to this very model. The service itself checks rows by plain loops (inference/), many times faster than a schema for each number. */
export interface RequestFacts {
  readonly signature: ModelSignature;
  readonly outputs: readonly ModelOutput[];
}

/** From here on a number rounds to a float32 that is infinite: 2^128 - 2^103. */
const INFINITE = 2 ** 128 - 2 ** 103;
const number = z.number().gt(-INFINITE).lt(INFINITE);
/** `length` does not reach the document. */
const exactly = <Item extends z.ZodType>(count: number, item: Item) => z.array(item).min(count).max(count);
const some = <Item extends z.ZodType>(item: Item) => z.array(item).min(1);

/**
 * `POST /predict` and `/invocations`: one row or more, each with the model's number of features. Lists are in the model's order; named columns may
 * be in any. What JSON Schema cannot say: lists of `inputs` by column have one length.
 */
export function predictRequest({ signature: { features, columns } }: RequestFacts) {
  const rows = some(exactly(features, number));
  // pandas' default names are numbers.
  const name = columns ? z.enum(columns as [string, ...string[]]) : z.int().gte(0).lt(features);
  const split = z.strictObject({
    columns: exactly<z.ZodType>(features, name).meta({ uniqueItems: true }).optional(),
    data: rows,
    index: z.array(z.unknown()).optional(),
  });
  const records = columns && some(byColumn(columns, number));
  const named = columns && byColumn(columns, some(number));
  const forms = [
    form("features", rows),
    form("instances", records ? z.union([rows, records]) : rows),
    form("inputs", named ? z.union([rows, named]) : rows),
    form("dataframe_split", split),
    ...(records ? [form("dataframe_records", records)] : []),
  ];
  return z.union(forms).meta({ id: "PredictRequest" });
}

const byColumn = <Value extends z.ZodType>(columns: readonly string[], value: Value) =>
  z.strictObject(Object.fromEntries(columns.map((name) => [name, value])));

/** MLflow's clients may send empty params. */
const form = (name: string, rows: z.ZodType) => z.strictObject({ [name]: rows, params: z.strictObject({}).optional() });

const parameters = z.record(z.string(), z.unknown()).optional();
const DATATYPES = [
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
] as const;

/**
 * `POST /v2/models/{name}/infer`: the Open Inference Protocol; one tensor [rows, features], or a tensor [rows] or [rows, 1] a column. What JSON
 * Schema cannot say: the data has as many numbers as the shape says.
 */
export function inferRequest({ signature: { features, columns }, outputs }: RequestFacts) {
  const shape = (...inner: number[]) =>
    z
      .tuple([z.int().min(1), ...inner.map((size) => z.literal(size))])
      .meta({ minItems: inner.length + 1, maxItems: inner.length + 1 });
  const tensor = (name: z.ZodType, shapes: z.ZodType, width: number) =>
    z.object({
      ...{ name, shape: shapes, datatype: z.enum(DATATYPES), parameters },
      data: z.union([z.array(number).min(width), some(exactly(width, number))]),
    });
  const matrix = tensor(z.string(), shape(features), features);
  const column = columns && tensor(z.enum(columns as [string, ...string[]]), z.union([shape(), shape(1)]), 1);
  const wanted = z.object({ name: z.enum(outputs.map(({ name }) => name)), parameters });
  return z
    .strictObject({
      id: z.string().optional(),
      parameters,
      inputs: column ? z.union([exactly(1, matrix), exactly(features, column)]) : exactly(1, matrix),
      outputs: z.array(wanted).optional(),
    })
    .meta({ id: "InferRequest" });
}
