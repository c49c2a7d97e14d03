/**
 * Recursive queries and transformations of values.
 * @module
 */
import {
  Asset,
  isList,
  isMap,
  mapOf,
  OutputValue,
  type PropertyMap,
  ResourceReference,
  Secret,
  Special,
  Unknown,
  type Value,
} from "./value.ts";

const children = (value: Value): readonly Value[] => {
  if (value === null || typeof value !== "object") return [];
  if (isList(value)) return value;
  if (value instanceof Secret) return [value.element];
  if (value instanceof OutputValue) return value.element === undefined ? [] : [value.element];
  if (value instanceof ResourceReference) return value.id === undefined ? [] : [value.id];
  return isMap(value) ? Object.values(value) : [];
};

const some = (value: Value, test: (value: Value) => boolean): boolean =>
  test(value) || children(value).some((child) => some(child, test));

export const containsSecrets = (value: Value): boolean =>
  some(value, (v) => v instanceof Secret || (v instanceof OutputValue && v.secret));
export const containsUnknowns = (value: Value): boolean =>
  some(value, (v) => v instanceof Unknown || (v instanceof OutputValue && v.element === undefined));

/** Yields strings that must not be shown: every string and number inside a secret. */
export function* secretStrings(value: Value, inside = false): Generator<string> {
  if (inside && typeof value === "string") yield value;
  if (inside && typeof value === "number") yield String(value);
  const within = inside || value instanceof Secret || (value instanceof OutputValue && value.secret);
  for (const child of children(value)) yield* secretStrings(child, within);
}

/** Replaces every value by the result of `change`, bottom-up. */
export function rewrite(value: Value, change: (value: Value) => Value): Value {
  if (value === null || typeof value !== "object") return change(value);
  if (isList(value)) return change(value.map((v) => rewrite(v, change)));
  if (value instanceof Secret) return change(new Secret(rewrite(value.element, change)));
  if (value instanceof ResourceReference) {
    const id = value.id === undefined ? undefined : rewrite(value.id, change);
    return change(new ResourceReference(value.urn, id, value.packageVersion));
  }
  if (value instanceof OutputValue) {
    const element = value.element === undefined ? undefined : rewrite(value.element, change);
    return change(new OutputValue(element, value.secret, value.dependencies));
  }
  return change(isMap(value) ? rewriteMap(value, change) : value);
}
export const rewriteMap = (map: PropertyMap, change: (value: Value) => Value): PropertyMap =>
  mapOf(Object.entries(map).map(([key, value]) => [key, rewrite(value, change)] as const));

/** Converts output values to plain, secret or unknown values. */
export const downgradeOutputs = (map: PropertyMap): PropertyMap =>
  rewriteMap(map, (value) => {
    if (!(value instanceof OutputValue)) return value;
    const element = value.element ?? new Unknown();
    return value.secret ? new Secret(element) : element;
  });

export function outputDependencies(value: Value): string[] {
  const own = value instanceof OutputValue ? value.dependencies : [];
  return [...own, ...children(value).flatMap(outputDependencies)];
}

export function equal(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a === null || b === null) return false;
  if (typeof a !== "object" || typeof b !== "object") return false;
  if (isList(a)) return isList(b) && a.length === b.length && a.every((value, i) => equal(value, b[i]));
  if (a instanceof Special) return b instanceof Special && equalSpecial(a, b);
  return isMap(a) && isMap(b) && equalMaps(a, b);
}

function equalMaps(a: PropertyMap, b: PropertyMap): boolean {
  // As in the Pulumi engine, a key with a null value counts as absent.
  const within = (x: PropertyMap, y: PropertyMap) =>
    Object.entries(x).every(([key, value]) => equal(value, Object.hasOwn(y, key) ? y[key] : null));
  return within(a, b) && within(b, a);
}

function equalSpecial(a: Special, b: Special): boolean {
  if (a instanceof Secret) return b instanceof Secret && equal(a.element, b.element);
  if (a instanceof Unknown) return b instanceof Unknown;
  if (a instanceof Asset) return b instanceof Asset && a.hash === b.hash;
  if (a instanceof ResourceReference)
    return b instanceof ResourceReference && a.urn === b.urn && equal(a.id ?? null, b.id ?? null);
  if (a instanceof OutputValue) return b instanceof OutputValue && equal(a.element, b.element) && a.secret === b.secret;
  return false;
}
