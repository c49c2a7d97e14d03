/**
 * Config values: plain, structured, or secret (`secure: <ciphertext>`), at any depth.
 * @module
 */
import { UserError } from "../failure.ts";
import type { Crypter } from "../secrets/crypter.ts";

export type ConfigValue = null | string | number | boolean | ConfigValue[] | { [key: string]: ConfigValue };
/** By full key, `namespace:name`. */
export type ConfigMap = Readonly<Record<string, ConfigValue>>;

/** A secret is a map with the one key `secure`. */
export const isSecure = (value: ConfigValue): value is { secure: string } =>
  value !== null &&
  typeof value === "object" &&
  !Array.isArray(value) &&
  Object.keys(value).length === 1 &&
  typeof value.secure === "string";

export function hasSecure(value: ConfigValue): boolean {
  if (value === null || typeof value !== "object") return false;
  return isSecure(value) || Object.values(value).some(hasSecure);
}

export function decryptValue(value: ConfigValue, crypter: () => Crypter): ConfigValue {
  if (value === null || typeof value !== "object") return value;
  if (isSecure(value)) return crypter().decrypt(value.secure);
  if (Array.isArray(value)) return value.map((item) => decryptValue(item, crypter));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decryptValue(item, crypter)]));
}

/** Returns every secret inside a value, decrypted. */
export function secretsOf(value: ConfigValue, crypter: () => Crypter): string[] {
  if (value === null || typeof value !== "object") return [];
  if (isSecure(value)) return [crypter().decrypt(value.secure)];
  return Object.values(value).flatMap((item) => secretsOf(item, crypter));
}

const ESCAPES: Record<string, string> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

/** Formats JSON as the CLI passes it to the program: keys sorted, HTML characters escaped. Programs may store it unchanged in the state. */
export function canonicalJson(value: ConfigValue): string {
  const sorted = (_key: string, item: unknown) =>
    item !== null && typeof item === "object" && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item;
  return JSON.stringify(value, sorted).replace(/[<>&\u2028\u2029]/g, (c) => ESCAPES[c] ?? c);
}

/** Returns the text that the program gets. */
export const textOf = (value: ConfigValue): string =>
  typeof value === "string" ? value : value === null ? "" : canonicalJson(value);

/** Returns `project:key` for a bare key, and full keys unchanged. Accepts the old form `project:config:key`. */
export function fullKey(key: string, project: string): string {
  const parts = key.split(":");
  if (parts.length === 1) return `${project}:${key}`;
  if (parts.length === 3 && parts[1] === "config") return `${parts[0]}:${parts[2]}`;
  if (parts.length === 2) return key;
  throw new UserError(
    `could not parse ${key} as a configuration key (configuration keys should be of the form \`<namespace>:<name>\`)`,
  );
}
