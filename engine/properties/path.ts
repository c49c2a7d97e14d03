/**
 * Property paths as Pulumi writes them: `a.b[0]["c d"]`, with `*` for any.
 * @module
 */
import { isList, isMap, makeSecret, type PropertyMap, Secret, type Value } from "./value.ts";

export type Path = readonly (string | number)[];

/** Reads a path; undefined when it is malformed. */
export function parsePath(text: string): Path | undefined {
  const path: (string | number)[] = [];
  let rest = text;
  while (rest !== "") {
    if (rest.startsWith(".")) {
      rest = rest.slice(1);
      if (rest === "" || rest.startsWith(".")) return undefined;
    } else if (rest.startsWith('["')) {
      const quoted = /^\["((?:[^"\\]|\\.)*)"\]/.exec(rest);
      if (!quoted) return undefined;
      path.push((quoted[1] ?? "").replace(/\\(.)/g, "$1"));
      rest = rest.slice(quoted[0].length);
    } else if (rest.startsWith("[")) {
      const index = /^\[(\d+|\*)\]/.exec(rest);
      if (!index) return undefined;
      path.push(index[1] === "*" ? "*" : Number(index[1]));
      rest = rest.slice(index[0].length);
    } else {
      const name = /^[^.["\]]+/.exec(rest);
      if (!name) return undefined;
      path.push(name[0]);
      rest = rest.slice(name[0].length);
    }
  }
  return path;
}

/** Any other key is quoted. */
const bare = /^\w+$/;
export function formatPath(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (bare.test(part)) text += text === "" ? part : `.${part}`;
    else text += `["${part.replace(/["\\]/g, "\\$&")}"]`;
  }
  return text;
}

/** Whether `other` is `path` itself or lies inside it. */
export const pathContains = (path: Path, other: Path): boolean =>
  other.length >= path.length && path.every((part, i) => part === "*" || part === other[i]);

/** A write into a copy: undefined means that the path cannot be reset. */
type Reset = { readonly value: Value | undefined } | undefined;

/**
 * The new inputs with the value at a path put back to what it was; undefined when the path leads into an element that was
 * added or removed. This is what `ignoreChanges` does.
 */
export function resetPath(path: Path, old: PropertyMap, next: PropertyMap): PropertyMap | undefined {
  const result = reset(path, old, next, false, false);
  return result && isMap(result.value) ? result.value : undefined;
}

function reset(
  path: Path,
  oldIn: Value | undefined,
  newIn: Value | undefined,
  oldSecret: boolean,
  newSecret: boolean,
): Reset {
  if (path.length === 0) return undefined;
  if (oldIn instanceof Secret) return reset(path, oldIn.element, newIn, true, newSecret);
  if (newIn instanceof Secret) {
    const inner = reset(path, oldIn, newIn.element, oldSecret, true);
    return inner && { value: inner.value === undefined ? undefined : new Secret(inner.value) };
  }
  const carry = (value: Value): Value => (oldSecret && !newSecret ? makeSecret(value) : value);
  const [key, ...rest] = path as [string | number, ...Path];
  if (typeof key === "number") return resetIndex(key, rest, oldIn, newIn, carry, [oldSecret, newSecret]);
  if (key === "*") return resetAll(rest, oldIn, newIn, carry, [oldSecret, newSecret]);
  if (rest.length === 0) {
    const has = isMap(oldIn) && Object.hasOwn(oldIn, key);
    if (!isMap(newIn)) return has ? undefined : { value: newIn };
    const { [key]: _gone, ...others } = newIn;
    return { value: has ? { ...others, [key]: carry(oldIn[key] ?? null) } : others };
  }
  if (!isMap(oldIn) || !isMap(newIn)) return isMap(oldIn) || isMap(newIn) ? undefined : { value: newIn };
  const [hasOld, hasNew] = [Object.hasOwn(oldIn, key), Object.hasOwn(newIn, key)];
  if (hasOld && !hasNew) return undefined;
  if (!hasNew) return { value: newIn };
  const inner = reset(rest, oldIn[key], newIn[key], oldSecret, newSecret);
  return inner && { value: { ...newIn, [key]: inner.value ?? null } };
}

type Carry = (value: Value) => Value;
type Secrecy = readonly [boolean, boolean];

function resetIndex(
  index: number,
  rest: Path,
  old: Value | undefined,
  next: Value | undefined,
  carry: Carry,
  secrecy: Secrecy,
): Reset {
  if (!isList(old) || !isList(next)) return isList(old) || isList(next) ? undefined : { value: next };
  const [inOld, inNew] = [index < old.length, index < next.length];
  if (!inOld && !inNew) return rest.length === 0 ? { value: next } : undefined;
  if (!inOld || !inNew) return undefined;
  if (rest.length === 0) return { value: next.with(index, carry(old[index] ?? null)) };
  const inner = reset(rest, old[index], next[index], ...secrecy);
  return inner && { value: next.with(index, inner.value ?? null) };
}

function resetAll(rest: Path, old: Value | undefined, next: Value | undefined, carry: Carry, secrecy: Secrecy): Reset {
  if (isMap(next)) {
    if (!isMap(old)) return rest.length === 0 ? { value: next } : undefined;
    if (rest.length === 0) return { value: Object.fromEntries(Object.entries(old).map(([k, v]) => [k, carry(v)])) };
    let result: PropertyMap = next;
    for (const key of Object.keys(old)) {
      if (!Object.hasOwn(next, key)) return undefined;
      const inner = reset(rest, old[key], next[key], ...secrecy);
      if (!inner) return undefined;
      result = { ...result, [key]: inner.value ?? null };
    }
    return { value: result };
  }
  if (!isList(next)) return undefined;
  if (!isList(old)) return rest.length === 0 ? { value: next } : undefined;
  if (old.length !== next.length) return undefined;
  const items = next.map(
    (item, i): Reset => (rest.length === 0 ? { value: carry(old[i] ?? null) } : reset(rest, old[i], item, ...secrecy)),
  );
  return items.some((item) => !item) ? undefined : { value: items.map((item) => item?.value ?? null) };
}
