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
  const parts = parsePath(text.slice(prefix.length));
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
    at = Array.isArray(at) ? at[Number(part)] : Object.hasOwn(at, part) ? at[part as string] : undefined;
  }
  return at;
}

/** The value with another one put at `path`; containers on the way are made. */
export function setAt(value: ConfigValue | undefined, path: Path, next: ConfigValue, whole: string): ConfigValue {
  const [part, ...rest] = path;
  if (part === undefined) return next;
  const refuse = (why: string): never => {
    throw new UserError(`cannot set ${whole}: ${why}`);
  };
  if (value !== undefined && value !== null && (typeof value !== "object" || isSecure(value)))
    refuse("it lies inside a value that is no map or list");
  if (typeof part === "number") {
    const list = (value ?? []) as ConfigValue[];
    if (!Array.isArray(list)) return refuse(`[${part}] is an index, but the value is a map`);
    if (part > list.length) return refuse(`index ${part} is out of range (the list has ${list.length} elements)`);
    return [...list.slice(0, part), setAt(list[part], rest, next, whole), ...list.slice(part + 1)];
  }
  if (part === "secure" && rest.length === 0) return refuse('"secure" is a reserved key');
  if (Array.isArray(value)) return refuse(`${part} is a key, but the value is a list`);
  const map = (value ?? {}) as { [key: string]: ConfigValue };
  return { ...map, [part]: setAt(Object.hasOwn(map, part) ? map[part] : undefined, rest, next, whole) };
}

export function removeAt(value: ConfigValue | undefined, path: Path): ConfigValue | undefined {
  const [part, ...rest] = path;
  if (part === undefined || value === undefined) return undefined;
  if (value === null || typeof value !== "object" || isSecure(value)) return value;
  if (Array.isArray(value)) {
    const index = Number(part);
    if (index >= value.length) return value;
    const inner = removeAt(value[index], rest);
    return inner === undefined ? value.toSpliced(index, 1) : value.with(index, inner);
  }
  const { [part]: gone, ...others } = value;
  const inner = removeAt(gone, rest);
  return inner === undefined ? others : { ...value, [part]: inner };
}

/** A config map with a value set by key or by path. */
export function setConfig(config: ConfigMap, { key, path }: ConfigPath, value: ConfigValue, whole: string): ConfigMap {
  return { ...config, [key]: setAt(config[key], path, value, whole) };
}
