import { z } from "zod";
import { valuesPerRow } from "../../data/field.ts";
import { datatypesOf } from "../inference/open-inference.ts";
import type { ClassAnswers, ModelOutput } from "../predictor/predictor.ts";
import { columnNames, type Signature } from "../predictor/signature.ts";
import { exactly, fieldSchema } from "./field-schema.ts";

/**
 * The properties of a model that determine its request schemas. The service itself validates rows with plain loops (inference/), many times faster than
 * with a schema per number.
 */
export interface ModelInterface {
  readonly signature: Signature;
  readonly outputs: readonly ModelOutput[];
  readonly classAnswers: ClassAnswers | undefined;
}

const some = <Item extends z.ZodType>(item: Item) => z.array(item).min(1);

/**
 * Returns the request schema of `POST /predict` and `/invocations`: one or more rows of the model's values. Lists follow the model's order; named columns
 * may have any order. Objects may have other members, because unknown columns are ignored. JSON Schema cannot express that the lists of `inputs` by
 * column have equal length.
 */
export function predictRequest({ signature }: ModelInterface) {
  const { inputs } = signature;
  const [only] = inputs;
  const columns = columnNames(signature);
  const values = inputs.map(fieldSchema);
  const isOneType = inputs.every(
    ({ type, shape, nullable }) => !shape && type === only?.type && nullable === only.nullable,
  );
  const row = isOneType ? exactly(inputs.length, values[0] as z.ZodType) : tuple(values);
  const rows = some(inputs.length === 1 && only?.shape ? (values[0] as z.ZodType) : row);
  // Without names, columns are numbered, as in pandas.
  const name = columns ? z.enum(columns as [string, ...string[]]) : z.int().gte(0).lt(inputs.length);
  // Omits unknown columns, because JSON Schema cannot express that rows are as long as the list of names.
  const mayDiffer = inputs.some(({ nullable }) => nullable);
  const split = z.strictObject({
    columns: mayDiffer
      ? some(name).optional()
      : exactly<z.ZodType>(inputs.length, name).meta({ uniqueItems: true }).optional(),
    // The types of a row's values depend on the order and number of its columns.
    data: mayDiffer || !isOneType ? some(z.array(z.unknown())) : rows,
    index: z.array(z.unknown()).optional(),
  });
  const object = (schemas: readonly z.ZodType[]) => {
    const members = (columns ?? []).map((column, index): [string, z.ZodType] => {
      const schema = schemas[index] as z.ZodType;
      return [column, inputs[index]?.nullable ? schema.optional() : schema];
    });
    return z.looseObject(Object.fromEntries(members));
  };
  const records = columns && some(object(values));
  const named = columns && object(values.map((value) => some(value)));
  const forms = [
    form("features", rows),
    form("instances", records ? z.union([rows, records]) : rows),
    form("inputs", named ? z.union([rows, named]) : rows),
    form("dataframe_split", split),
    ...(records ? [form("dataframe_records", records)] : []),
  ];
  return z.union(forms).meta({ id: "PredictRequest" });
}

/** Returns the schema of a list with one schema per index. */
const tuple = (values: readonly z.ZodType[]) =>
  z.tuple(values as [z.ZodType, ...z.ZodType[]]).meta({ minItems: values.length, maxItems: values.length });

/** Returns the schema of a body with one member for rows. MLflow's clients may add empty params. */
const form = (name: string, rows: z.ZodType) => z.strictObject({ [name]: rows, params: z.strictObject({}).optional() });

const parameters = z.record(z.string(), z.unknown()).optional();

/**
 * Returns the request schema of `POST /v2/models/{name}/infer`, by the Open Inference Protocol: one tensor for all fields, or one per column. JSON Schema
 * cannot express that the data has as many values as the shape requires.
 */
export function inferRequest({ signature, outputs }: ModelInterface) {
  const { inputs } = signature;
  const columns = columnNames(signature);
  const shape = (...inner: number[]) =>
    z
      .tuple([z.int().min(1), ...inner.map((size) => z.literal(size))])
      .meta({ minItems: inner.length + 1, maxItems: inner.length + 1 });
  const tensor = (name: z.ZodType, shapes: z.ZodType, fields: Signature["inputs"]) => {
    const [first] = fields;
    const width = fields.reduce((sum, field) => sum + valuesPerRow(field), 0);
    const types = fields.map(datatypesOf).reduce((all, some) => all.filter((type) => some.includes(type)));
    const isOneType = fields.every(
      ({ type, nullable, shape }) => type === first?.type && nullable === first.nullable && !shape,
    );
    const value = isOneType && first ? fieldSchema(first) : z.unknown();
    const nested = isOneType ? some(exactly(width, value)) : some(z.unknown());
    return z.object({
      name,
      shape: shapes,
      datatype: z.enum(types as [string, ...string[]]),
      parameters,
      data: z.union([z.array(value).min(width), nested]),
    });
  };
  const [only] = inputs;
  const isWhole = datatypesInCommon(inputs) && (inputs.length === 1 || inputs.every((field) => !field.shape));
  const inner = inputs.length === 1 && only?.shape ? only.shape : [inputs.length];
  const matrix: z.ZodType[] = isWhole ? [exactly(1, tensor(z.string(), shape(...inner), inputs))] : [];
  const oneType = inputs.every(
    ({ type, shape, nullable }) => !shape && type === only?.type && nullable === only.nullable,
  );
  const name = z.enum((columns ?? [""]) as [string, ...string[]]);
  const column = oneType
    ? tensor(name, z.union([shape(), shape(1)]), inputs.slice(0, 1))
    : z.union(
        inputs.map((field) =>
          tensor(z.literal(field.name), field.shape ? shape(...field.shape) : z.union([shape(), shape(1)]), [field]),
        ),
      );
  const least = inputs.filter(({ nullable }) => !nullable).length;
  const each: z.ZodType[] = columns ? [z.array(column).min(Math.max(1, least)).max(inputs.length)] : [];
  const wanted = z.object({ name: z.enum(outputs.map(({ name }) => name)), parameters });
  return z
    .strictObject({
      id: z.string().optional(),
      parameters,
      inputs: z.union([...matrix, ...each]),
      outputs: z.array(wanted).optional(),
    })
    .meta({ id: "InferRequest" });
}

/** Whether one tensor can hold the values of all these fields. */
const datatypesInCommon = (inputs: Signature["inputs"]): boolean =>
  inputs.map(datatypesOf).reduce((all, some) => all.filter((type) => some.includes(type))).length > 0;
