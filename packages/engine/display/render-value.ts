/**
 * Formats values as text.
 * @module
 */
import {
  Asset,
  isList,
  isMap,
  OutputValue,
  ResourceReference,
  Secret,
  Unknown,
  type Value,
} from "../properties/value.ts";

export interface RenderOptions {
  readonly showSecrets: boolean;
  /** Indent of all lines after the first. */
  readonly indent: string;
}

/** Longer texts, such as the code of a dynamic provider, are shown by their size. */
const MAX_LENGTH = 1_000;

export function renderValue(value: Value, options: RenderOptions): string {
  const { indent } = options;
  const deeper = { ...options, indent: `${indent}    ` };
  if (value instanceof Secret) return options.showSecrets ? renderValue(value.element, options) : "[secret]";
  if (value instanceof Unknown) return "[unknown]";
  if (value instanceof OutputValue) {
    if (value.secret && !options.showSecrets) return "[secret]";
    return value.element === undefined ? "[unknown]" : renderValue(value.element, options);
  }
  if (value instanceof ResourceReference) return value.urn;
  if (value instanceof Asset)
    return "path" in value.source
      ? `asset(file:${value.hash.slice(0, 7)}) { ${value.source.path} }`
      : `asset(text:${value.hash.slice(0, 7)})`;
  if (value === null) return "<null>";
  if (typeof value === "string") return renderText(value);
  if (isList(value)) {
    if (value.length === 0) return "[]";
    return `[\n${value.map((item, i) => `${indent}    [${i}]: ${renderValue(item, deeper)}`).join("\n")}\n${indent}]`;
  }
  if (!isMap(value)) return String(value);
  const keys = Object.keys(value).sort();
  if (keys.length === 0) return "{}";
  const width = Math.max(...keys.map((key) => key.length));
  const lines = keys.map((key) => `${indent}    ${key.padEnd(width)}: ${renderValue(value[key] ?? null, deeper)}`);
  return `{\n${lines.join("\n")}\n${indent}}`;
}

const renderText = (text: string) =>
  text.length > MAX_LENGTH ? `(text of ${text.length} characters)` : JSON.stringify(text);
