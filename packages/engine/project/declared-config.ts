/**
 * The config that Pulumi.yaml declares: fills in defaults, reports missing keys and wrong types.
 * @module
 */
import { UserError } from "../failure.ts";
import type { Crypter } from "../secrets/crypter.ts";
import { getAt, parseConfigPath, setConfig } from "./config-path.ts";
import { type ConfigMap, type ConfigValue, decryptValue, hasSecure, isSecure } from "./config-value.ts";
import type { ConfigDeclaration, Project } from "./project.ts";

/** Converts strings, integers and booleans to text, like `config set`. */
const asConfigValue = (value: unknown): ConfigValue =>
  typeof value === "string" || typeof value === "boolean" || Number.isInteger(value)
    ? String(value)
    : (value as ConfigValue);

/** Returns the stack's config with the project's defaults. */
export function applyDefaults(project: Project, config: ConfigMap): ConfigMap {
  let result = config;
  for (const name of Object.keys(project.config).sort()) {
    const declared = project.config[name] ?? {};
    const at = parseConfigPath(name, project.name);
    if (getAt(result[at.key], at.path) !== undefined) continue;
    const value = declared.default ?? declared.value;
    if (value !== undefined && value !== null) result = setConfig(result, at, asConfigValue(value), name);
  }
  return result;
}

/** Validates the config: all keys that the project requires, with their types. @throws UserError */
export function validateConfig(project: Project, config: ConfigMap, stack: string, crypter: () => Crypter): void {
  const missing: string[] = [];
  for (const name of Object.keys(project.config).sort()) {
    const { key, path } = parseConfigPath(name, project.name);
    const value = getAt(config[key], path);
    const own = key.startsWith(`${project.name}:`);
    if (value === undefined && own) missing.push(name);
  }
  if (missing.length > 0) throw missingConfig(missing, stack);
  for (const name of Object.keys(project.config).sort()) {
    const declared = project.config[name] ?? {};
    const { key, path } = parseConfigPath(name, project.name);
    const value = getAt(config[key], path);
    if (declared.type === undefined || value === undefined) continue;
    if (declared.secret === true && !hasSecure(value))
      throw new UserError(`Stack '${stack}' with configuration key '${name}' must be encrypted as it's secret`);
    const content =
      isSecure(value) || typeof value !== "object"
        ? String(decryptValue(value, crypter))
        : decryptValue(value, crypter);
    if (!isOfType(declared, content))
      throw new UserError(`Stack '${stack}' with configuration key '${name}' must be of type '${typeName(declared)}'`);
  }
}

function missingConfig(names: readonly string[], stack: string): UserError {
  const quoted = names.map((name) => `'${name}'`);
  const list =
    quoted.length === 1
      ? quoted[0]
      : `${quoted.slice(0, -1).join(", ")}${quoted.length > 2 ? "," : ""} and ${quoted.at(-1)}`;
  return new UserError(
    `Stack '${stack}' is missing configuration ${names.length > 1 ? "values" : "value"} ${list}. ` +
      `Set ${names.length > 1 ? "them" : "it"} with: pulumi config set <key> <value> --stack ${stack}`,
  );
}

const typeName = ({ type, items }: ConfigDeclaration): string => (items ? `${type}<${typeName(items)}>` : String(type));

function isOfType({ type, items }: ConfigDeclaration, value: ConfigValue): boolean {
  switch (type) {
    case "string":
      return typeof value === "string";
    case "integer":
      return Number.isInteger(value) || (typeof value === "string" && /^[+-]?\d+$/.test(value));
    case "boolean":
      return typeof value === "boolean" || value === "true" || value === "false";
    case "object":
      return value !== null && typeof value === "object" && !Array.isArray(value);
    default:
      return Array.isArray(value) && items !== undefined && value.every((item) => isOfType(items, item));
  }
}
