import { z } from "zod";
import { editDistance, nearestName } from "../../data/edit-distance.ts";
import { shortened } from "../../data/near-name.ts";

/**
 * Describes an unknown key, `gate.acuracy is not a setting`, and suggests the nearest known one: `The nearest is gate.accuracy`.
 * @param others keys at the root outside the schema
 */
export function unknownKeyIn(
  schema: z.ZodType,
  path: readonly PropertyKey[],
  key: string,
  others: readonly string[] = [],
) {
  const at = (name: string) => [...path, name].join(".");
  const nearest = nearestName(key, [...keysAt(schema, path), ...(path.length === 0 ? others : [])]);
  const elsewhere = nearest === undefined || editDistance(key, nearest) > MISSPELT ? pathOf(schema, key) : undefined;
  const suggestion = elsewhere ?? (nearest === undefined ? undefined : at(nearest));
  return {
    problem: `${shortened(at(key))} is not a setting`,
    nearest: suggestion === undefined ? undefined : `The nearest is ${suggestion}`,
  };
}

/** Beyond this distance, a key more likely belongs to another group. */
const MISSPELT = 2;

/** Path of a key with exactly this name, nearest to the root; skips groups with user-defined names. */
function pathOf(schema: z.ZodType, key: string): string | undefined {
  let groups: string[][] = [[]];
  while (groups.length > 0) {
    const paths = groups.flatMap((group) => keysAt(schema, group).map((name) => [...group, name]));
    const found = paths.find((path) => path.at(-1)?.toLowerCase() === key.toLowerCase());
    if (found) return found.join(".");
    groups = paths;
  }
  return undefined;
}

/** Keys of the object in a schema at a path; empty if it is not an object with known keys. */
export function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const here = unwrap(schema);
  const [first, ...rest] = path;
  if (first === undefined) return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
  if (here instanceof z.ZodRecord) return keysAt(here.valueType as z.ZodType, rest);
  if (here instanceof z.ZodArray) return keysAt(here.element as z.ZodType, rest);
  const inner = here instanceof z.ZodObject ? here.shape[String(first)] : undefined;
  return inner ? keysAt(inner, rest) : [];
}

/** The schema inside optional ones, defaults and preprocessing. */
export function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrap(schema.unwrap() as z.ZodType);
  // A transformed schema has its keys before the pipe, a preprocessed one after it.
  if (schema instanceof z.ZodPipe)
    return unwrap((schema.out instanceof z.ZodTransform ? schema.in : schema.out) as z.ZodType);
  return schema;
}
