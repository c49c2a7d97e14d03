/**
 * Inputs of `command:local:Command`, with the plugin's own checks.
 * @module
 */
import { isList, isMap, type PropertyMap, Unknown, unwrapSecret, type Value } from "../../properties/value.ts";
import type { CheckFailure } from "../provider.ts";

type Kind = "string" | "boolean" | "list" | "texts" | "map";
const INPUTS: Readonly<Record<string, Kind>> = {
  create: "string",
  update: "string",
  delete: "string",
  triggers: "list",
  stdin: "string",
  logging: "string",
  interpreter: "texts",
  dir: "string",
  environment: "map",
  assetPaths: "texts",
  archivePaths: "texts",
  addPreviousOutputInEnv: "boolean",
};
/** Outputs in addition to the inputs. */
export const OUTPUTS = ["stdout", "stderr"] as const;

const isText = (value: Value) => typeof unwrapSecret(value) === "string" || unwrapSecret(value) instanceof Unknown;

function fits(kind: Kind, wrapped: Value): boolean {
  const value = unwrapSecret(wrapped);
  if (value instanceof Unknown) return true;
  switch (kind) {
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "list":
      return isList(value);
    case "texts":
      return isList(value) && value.every(isText);
    case "map":
      return isMap(value) && Object.values(value).every(isText);
  }
}

export function checkInputs(news: PropertyMap): CheckFailure[] {
  return Object.entries(news).flatMap(([key, value]): CheckFailure[] => {
    const kind = INPUTS[key];
    if (value === null) return [];
    if (kind === undefined) return [{ property: key, reason: `Unrecognized field '${key}'` }];
    return fits(kind, value) ? [] : [{ property: key, reason: `Field '${key}' must be a '${kind}'` }];
  });
}

/** Removes null inputs, which count as absent. */
export const withoutNulls = (map: PropertyMap): PropertyMap =>
  Object.fromEntries(
    Object.entries(map).flatMap(([key, value]) =>
      value === null ? [] : [[key, isMap(value) ? withoutNulls(value) : value] as const],
    ),
  );

/** Returns an input as plain text; undefined if it is absent. */
export function textInput(map: PropertyMap, key: string): string | undefined {
  const value = unwrapSecret(map[key] ?? null);
  return typeof value === "string" ? value : undefined;
}
export function textsInput(map: PropertyMap, key: string): string[] | undefined {
  const value = unwrapSecret(map[key] ?? null);
  return isList(value) ? value.map((item) => String(unwrapSecret(item))) : undefined;
}
export function mapInput(map: PropertyMap, key: string): Record<string, string> {
  const value = unwrapSecret(map[key] ?? null);
  if (!isMap(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, String(unwrapSecret(item))]));
}
