/**
 * Reads Pulumi.<stack>.yaml, and edits it without losing comments.
 * @module
 */
import { existsSync } from "node:fs";
import { Document, isMap, isScalar, parseDocument, type YAMLMap } from "yaml";
import { UserError } from "../failure.ts";
import { readText } from "../read-files.ts";
import { replaceFileSync } from "../state/atomic-file.ts";
import { type ConfigMap, type ConfigValue, fullKey } from "./config-value.ts";

export interface StackConfig {
  readonly file: string;
  readonly salt: string | undefined;
  readonly config: ConfigMap;
}

function parseFile(file: string): Document {
  if (!existsSync(file)) return new Document({});
  const document = parseDocument(readText(file, "the stack config"));
  const [error] = document.errors;
  if (error) {
    const position = error.linePos ? `:${error.linePos[0].line}:${error.linePos[0].col}` : "";
    throw new UserError(`${file}${position} cannot be read: ${error.message.split("\n")[0]}. It was not changed.`);
  }
  if (document.contents !== null && !isMap(document.contents))
    throw new UserError(`${file} is not a map. It was not changed.`);
  return document as Document;
}

export function readStackConfig(file: string, project: string): StackConfig {
  const json = (parseFile(file).toJS() ?? {}) as Record<string, unknown>;
  const reject = (what: string): never => {
    throw new UserError(`${file}: ${what}`);
  };
  const { encryptionsalt: salt, config = {}, secretsprovider, environment } = json;
  if (salt !== undefined && salt !== null && typeof salt !== "string") reject('"encryptionsalt" is not a string');
  if (typeof secretsprovider === "string" && secretsprovider !== "" && secretsprovider !== "passphrase")
    reject(
      `its secrets provider is "${secretsprovider}": this stack requires the Pulumi CLI ("passphrase" is built in)`,
    );
  if (environment !== undefined && environment !== null) reject('"environment" (Pulumi ESC) requires the Pulumi CLI');
  if (config !== null && (typeof config !== "object" || Array.isArray(config))) reject('"config" is not a map');
  const entries = Object.entries((config ?? {}) as Record<string, ConfigValue>).map(([key, value]) => {
    if (!key.includes(":")) reject(`"config.${key}" is not a configuration key (of the form \`<namespace>:<name>\`)`);
    return [fullKey(key, project), value] as const;
  });
  return { file, salt: salt ? (salt as string) : undefined, config: Object.fromEntries(entries) };
}

/** Changes only the named keys in the file; everything else is kept as written. */
export function editStackConfig(
  file: string,
  edit: { readonly salt?: string; readonly set?: ConfigMap; readonly remove?: readonly string[] },
): void {
  const document = parseFile(file);
  if (document.contents === null) document.contents = document.createNode({}) as unknown as YAMLMap<unknown, unknown>;
  if (edit.salt !== undefined && document.get("encryptionsalt") !== edit.salt)
    putFirst(document, "encryptionsalt", edit.salt);
  for (const [key, value] of Object.entries(edit.set ?? {})) {
    if (!isMap(document.get("config"))) document.set("config", document.createNode({}));
    const path = ["config", oldSpelling(document, key)];
    const present = document.getIn(path, true);
    // A plain value is changed in place, so that a comment after it is kept.
    if (isScalar(present) && (value === null || typeof value !== "object")) present.value = value;
    else document.setIn(path, document.createNode(value));
  }
  for (const key of edit.remove ?? []) document.deleteIn(["config", oldSpelling(document, key)]);
  const config = document.get("config");
  if (isMap(config) && config.items.length === 0 && edit.remove) document.delete("config");
  replaceFileSync(file, document.toString({ lineWidth: 0 }));
}

/** Returns the key in the file's own form, which may be `project:config:key`. */
function oldSpelling(document: Document, key: string): string {
  const [namespace, name] = key.split(":");
  const old = `${namespace}:config:${name}`;
  return document.hasIn(["config", old]) ? old : key;
}

function putFirst(document: Document, key: string, value: string): void {
  const map = document.contents as YAMLMap;
  if (map.has(key)) map.set(key, value);
  else map.items.unshift(document.createPair(key, value) as YAMLMap["items"][number]);
}
