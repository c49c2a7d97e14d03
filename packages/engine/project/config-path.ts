/**
 * `--path`: a place inside a structured config value.
 * @module
 */
import { UserError } from "../failure.ts";
import { type Path, parsePath } from "../properties/path.ts";
import { type ConfigMap, type ConfigValue, fullKey, isSecure } from "./config-value.ts";

export interface ConfigPath {
  readonly key: string;
  readonly path: Path;
}

/** Reads `key.inner[0]`; only the first part has a namespace. */
export function parseConfigPath(text: string, project: string): ConfigPath {
  const colon = text.indexOf(":");
  const prefix = colon > 0 && /^[^[."]+$/.test(text.slice(0, colon)) ? text.slice(0, colon + 1) : "";
  const inner = text.slice(prefix.length);
  // Here a dot before a bracket is a slip, not a habit of providers.
  const slips = inner.replaceAll(/"(\\"|[^"])*"/g, '""').includes(".[");
  const parts = slips ? undefined : parsePath(inner);
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
/** Room for what a path names: a list reaches as far as its index, whatever comes before is null. */
const newContainer = (part: string | number): Container =>
  typeof part === "number" ? Array.from({ length: Math.max(0, Math.min(part, MOST) + 1) }, () => null) : {};
/** A longer list is a mistake. */
const MOST = 10_000;

/** What would be read back as a secret: `{ secure: <text> }`, alone. */
const looksSecure = (map: { [key: string]: ConfigValue }): boolean =>
  Object.keys(map).length === 1 && typeof map.secure === "string";

/** The value with another one put at `path`; containers on the way are made. */
export function setAt(
  value: ConfigValue | undefined,
  path: Path,
  next: ConfigValue,
  whole: string,
  depth = 0,
): ConfigValue {
  const [part, ...rest] = path;
  if (part === undefined) return next;
  const refuse = (why: string): never => {
    throw new UserError(`cannot set ${whole}: ${why}`);
  };
  const isContainer = value !== undefined && value !== null && typeof value === "object" && !isSecure(value);
  // A plain value gives way to a structured one at the top, as the CLI has it, and nowhere else.
  if (!isContainer && value !== undefined && value !== null && depth > 0)
    return refuse("it lies inside a value that is not a map or list");
  const container: Container = isContainer ? value : newContainer(part);
  if (Array.isArray(container)) {
    if (typeof part !== "number") return refuse(`${part} is a key, but the value is a list`);
    if (part < 0 || part > container.length)
      return refuse(`index ${part} is out of range (the list has ${container.length} elements)`);
    const inner = setAt(container[part], rest, next, whole, depth + 1);
    return [...container.slice(0, part), inner, ...container.slice(part + 1)];
  }
  if (typeof part === "number") return refuse(`[${part}] is an index, but the value is a map`);
  const inner = setAt(Object.hasOwn(container, part) ? container[part] : undefined, rest, next, whole, depth + 1);
  const result = { ...container, [part]: inner };
  return rest.length === 0 && looksSecure(result) ? refuse(RESERVED) : result;
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
    throw new UserError(`cannot remove ${whole}: what is left is read as a secret, for ${RESERVED}`);
  return others;
}

/** A config map with a value set by key or by path. */
export function setConfig(config: ConfigMap, { key, path }: ConfigPath, value: ConfigValue, whole: string): ConfigMap {
  return { ...config, [key]: setAt(config[key], path, value, whole) };
}
