import { RegistryError } from "./errors.ts";

/** A parsed `models:/` URI. */
export type ModelUri =
  | { readonly name: string; readonly version: string }
  | { readonly name: string; readonly alias: string }
  | { readonly name: string; readonly stage: string };

/**
 * Parses MLflow's forms `models:/name/3`, `models:/name@alias` and `models:/name/Stage`.
 * @throws RegistryError for anything else
 */
export function parseModelUri(uri: string): ModelUri {
  const match = /^models:\/([^/@]+)(?:@([^/@]+)|\/([^/@]+))$/.exec(uri);
  const [, name, alias, rest] = match ?? [];
  if (name && alias) return { name, alias };
  if (name && rest) return /^\d+$/.test(rest) ? { name, version: rest } : { name, stage: rest };
  throw new RegistryError(
    `"${uri}" is not a model URI. Use models:/<name>/<version>, models:/<name>@<alias> or models:/<name>/<Stage>`,
  );
}
