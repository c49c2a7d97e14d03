/**
 * `--path`: a path inside a structured config value.
 * @module
 */
import { UserError } from "../failure.ts";
import { type Path, parsePath } from "../properties/path.ts";
import { type ConfigMap, type ConfigValue, fullKey, isSecure } from "./config-value.ts";

export interface ConfigPath {
  readonly key: string;
  readonly path: Path;
}

/** Parses `key.inner[0]`; only the first part has a namespace. */
export function parseConfigPath(text: string, project: string): ConfigPath {
  const colon = text.indexOf(":");
  const prefix = colon > 0 && /^[^[."]+$/.test(text.slice(0, colon)) ? text.slice(0, colon + 1) : "";
  const inner = text.slice(prefix.length);
  // Unlike in providers' paths, a dot before a bracket is an error here.
  const hasDotBracket = inner.replaceAll(/"(\\"|[^"])*"/g, '""').includes(".[");
  const parts = hasDotBracket ? undefined : parsePath(inner);
  const [first, ...path] = parts ?? [];
  if (typeof first !== "string" || first === "") throw new UserError(`invalid configuration key: ${text}`);
  return { key: fullKey(prefix + first, project), path };
}

/** Values set by path are typed: `true`, `false` and integers are not strings. */
export function coerce(text: string): ConfigValue {
  if (text === "true" || text === "false") return text === "true";
  if (text.length > 1 && text.startsWith("0")) return text;
  return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : text;
}

export function getAt(value: ConfigValue | undefined, path: Path): ConfigValue | undefined {
  let at = value;
  for (const part of path) {
    if (at === undefined || at === null || typeof at !== "object" || isSecure(at)) return undefined;
    at = Array.isArray(at)
      ? typeof part === "number"
        ? at[part]
        : undefined
      : Object.hasOwn(at, part)
        ? at[part as string]
        : undefined;
  }
  return at;
}

type Container = ConfigValue[] | { [key: string]: ConfigValue };
/** Creates a container for a path's next part: a list up to its index, filled with null, or a map. */
const newContainer = (part: string | number): Container =>
  typeof part === "number" ? Array.from({ length: Math.max(0, Math.min(part, MAX_LENGTH) + 1) }, () => null) : {};
/** A longer list is assumed to be a mistake. */
const MAX_LENGTH = 10_000;

/** Whether a map would be read back as a secret: `{ secure: <text> }` and no other key. */
const looksSecure = (map: { [key: string]: ConfigValue }): boolean =>
  Object.keys(map).length === 1 && typeof map.secure === "string";

/** Returns the value with `next` at `path`; creates containers along the path. */
export function setAt(
  value: ConfigValue | undefined,
  path: Path,
  next: ConfigValue,
  whole: string,
  depth = 0,
): ConfigValue {
  const [part, ...rest] = path;
  if (part === undefined) return next;
  const reject = (why: string): never => {
    throw new UserError(`cannot set ${whole}: ${why}`);
  };
  const isContainer = value !== undefined && value !== null && typeof value === "object" && !isSecure(value);
  // As in the CLI, a structured value replaces a plain one only at the top.
  if (!isContainer && value !== undefined && value !== null && depth > 0)
    return reject("it is inside a value that is not a map or list");
  const container: Container = isContainer ? value : newContainer(part);
  if (Array.isArray(container)) {
    if (typeof part !== "number") return reject(`${part} is a key, but the value is a list`);
    if (part < 0 || part > container.length)
      return reject(`index ${part} is out of range (the list has ${container.length} elements)`);
    const inner = setAt(container[part], rest, next, whole, depth + 1);
    return [...container.slice(0, part), inner, ...container.slice(part + 1)];
  }
  if (typeof part === "number") return reject(`[${part}] is an index, but the value is a map`);
  const inner = setAt(Object.hasOwn(container, part) ? container[part] : undefined, rest, next, whole, depth + 1);
  const result = { ...container, [part]: inner };
  return rest.length === 0 && looksSecure(result) ? reject(RESERVED) : result;
}

const RESERVED = '"secure" is a reserved key';

export function removeAt(value: ConfigValue | undefined, path: Path, whole: string): ConfigValue | undefined {
  const [part, ...rest] = path;
  if (part === undefined || value === undefined) return undefined;
  if (value === null || typeof value !== "object" || isSecure(value)) return value;
  if (Array.isArray(value)) {
    if (typeof part !== "number" || part < 0 || part >= value.length) return value;
    const inner = removeAt(value[part], rest, whole);
    return inner === undefined ? value.toSpliced(part, 1) : value.with(part, inner);
  }
  const { [part]: gone, ...others } = value;
  const inner = removeAt(gone, rest, whole);
  if (inner !== undefined) return { ...value, [part]: inner };
  if (looksSecure(others))
    throw new UserError(`cannot remove ${whole}: the rest would be read as a secret, because ${RESERVED}`);
  return others;
}

/** Returns the config with a value set by key or by path. */
export function setConfig(config: ConfigMap, { key, path }: ConfigPath, value: ConfigValue, whole: string): ConfigMap {
  return { ...config, [key]: setAt(config[key], path, value, whole) };
}
