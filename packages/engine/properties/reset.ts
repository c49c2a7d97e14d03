/**
 * Implements `ignoreChanges`: resets values at a path to the old ones. The rules, and which paths are invalid, are the CLI's. That
 * includes what it has already changed when it finds a path invalid.
 * @module
 */
import { type Path, parsePath } from "./path.ts";
import { isList, isMap, makeSecret, type PropertyMap, Secret, type Value } from "./value.ts";

type Writable = { [key: string]: Value };

const copy = (value: Value): Value => {
  if (value instanceof Secret) return new Secret(copy(value.element));
  if (isList(value)) return value.map(copy);
  return isMap(value) ? copyOf(value) : value;
};
/** Copies a map for `reset` to write to. */
const copyOf = (map: PropertyMap): Writable =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, copy(value)]));

/** Returns the new inputs with the old values at the paths. `invalid` lists paths into added or removed elements. */
export function resetPaths(
  texts: readonly string[],
  old: PropertyMap,
  next: PropertyMap,
): { readonly inputs: PropertyMap; readonly invalid: readonly string[] } {
  if (texts.length === 0) return { inputs: next, invalid: [] };
  const inputs = copyOf(next);
  const cannot = (text: string) => {
    const path = parsePath(text);
    return path !== undefined && !reset(path, old, inputs, false, false);
  };
  return { inputs, invalid: texts.filter(cannot) };
}

function reset(
  path: Path,
  oldIn: Value | undefined,
  nextIn: Value | undefined,
  oldWasSecret: boolean,
  nextWasSecret: boolean,
): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return false;
  const [old, next] = [open(oldIn), open(nextIn)];
  const secrecy = [oldWasSecret || oldIn instanceof Secret, nextWasSecret || nextIn instanceof Secret] as const;
  // A secret stays secret in its new position, unless it is inside another secret.
  const carry = (value: Value | undefined): Value =>
    secrecy[0] && !secrecy[1] ? makeSecret(value ?? null) : (value ?? null);
  const deeper = (a: Value | undefined, b: Value | undefined) => reset(rest, a, b, ...secrecy);
  const isLeaf = rest.length === 0;

  if (typeof key === "number") {
    if (key < 0) return false;
    if (!isList(old) || !isList(next)) return !isList(old) && !isList(next);
    const [inOld, inNext] = [key < old.length, key < next.length];
    if (isLeaf && !inOld && !inNext) return true;
    if (!inOld || !inNext) return false;
    if (!isLeaf) return deeper(old[key], next[key]);
    (next as Value[])[key] = carry(old[key]);
    return true;
  }
  if (key === "*") return isLeaf ? resetAll(old, next, carry) : resetEach(old, next, deeper);
  const has = (value: Value | undefined): value is PropertyMap => isMap(value) && Object.hasOwn(value, key);
  if (isLeaf) {
    if (has(old)) {
      if (!isMap(next)) return false;
      (next as Writable)[key] = carry(old[key]);
    } else if (isMap(next)) delete (next as Writable)[key];
    return true;
  }
  if (!isMap(old) || !isMap(next)) return !isMap(old) && !isMap(next);
  if (has(old) && !has(next)) return false;
  return (!has(old) && !has(next)) || deeper(has(old) ? old[key] : undefined, has(next) ? next[key] : undefined);
}

const open = (value: Value | undefined): Value | undefined => (value instanceof Secret ? open(value.element) : value);

/** Handles a wildcard at the end of a path. */
function resetAll(
  old: Value | undefined,
  next: Value | undefined,
  carry: (value: Value | undefined) => Value,
): boolean {
  if (isMap(next)) {
    if (!isMap(old)) return true;
    for (const [key, value] of Object.entries(old)) (next as Writable)[key] = carry(value);
    for (const key of Object.keys(next)) if (!Object.hasOwn(old, key)) delete (next as Writable)[key];
    return true;
  }
  if (!isList(next)) return false;
  if (!isList(old)) return true;
  for (const i of old.keys()) if (i < next.length) (next as Value[])[i] = carry(old[i]);
  // Added and removed elements cannot be reset, but common elements have been.
  return old.length === next.length;
}

/** Handles a wildcard before the end of a path. */
function resetEach(
  old: Value | undefined,
  next: Value | undefined,
  deeper: (old: Value | undefined, next: Value | undefined) => boolean,
): boolean {
  if (isMap(old) && isMap(next))
    return Object.entries(old).every(([key, value]) => Object.hasOwn(next, key) && deeper(value, next[key]));
  if (!isList(old) || !isList(next)) return false;
  return old.every((value, i) => i >= next.length || deeper(value, next[i])) && old.length === next.length;
}
