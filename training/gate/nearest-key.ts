import { z } from "zod";
import { nearestName } from "../../data/edit-distance.ts";

/**
 * `gate.acuracy is not a setting`, and the nearest that is one: `The nearest is gate.accuracy`.
 * @param others names at the root that the schema does not know of
 */
export function unknownKeyIn(
  schema: z.ZodType,
  path: readonly PropertyKey[],
  key: string,
  others: readonly string[] = [],
) {
  const at = (name: string) => [...path, name].join(".");
  const nearest = nearestName(key, [...keysAt(schema, path), ...(path.length === 0 ? others : [])]);
  return {
    problem: `${at(key)} is not a setting`,
    nearest: nearest === undefined ? undefined : `The nearest is ${at(nearest)}`,
  };
}

/** The keys of the object that a schema has at a path; none where it has no object of known keys. */
export function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const here = unwrap(schema);
  const [first, ...rest] = path;
  if (first === undefined) return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
  if (here instanceof z.ZodRecord) return keysAt(here.valueType as z.ZodType, rest);
  if (here instanceof z.ZodArray) return keysAt(here.element as z.ZodType, rest);
  const inner = here instanceof z.ZodObject ? here.shape[String(first)] : undefined;
  return inner ? keysAt(inner, rest) : [];
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return unwrap(schema.unwrap() as z.ZodType);
  // Preprocessed: what comes out of the pipe has the keys.
  if (schema instanceof z.ZodPipe) return unwrap(schema.out as z.ZodType);
  return schema;
}
