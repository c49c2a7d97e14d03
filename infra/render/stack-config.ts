import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { SAMPLE_MODEL } from "../../training/trainer-environment.ts";

const project = z.object({
  name: z.string(),
  config: z.record(z.string(), z.object({ default: z.unknown() }).partial()).default({}),
});
const stackFile = z.object({ config: z.record(z.string(), z.unknown()).default({}) });

/** A stack's config as the engine passes it to the program: JSON text by full key. */
export interface StackConfig {
  readonly project: string;
  readonly values: Record<string, string>;
  /** Keys with encrypted values, which SECRET replaces. */
  readonly secretKeys: string[];
}

/** Placeholder for a secret, because nothing is decrypted here. It is a valid service token. */
export const SECRET = "(secret-not-decrypted)";

/**
 * Reads Pulumi.yaml and Pulumi.<stack>.yaml without the CLI and without the stack's passphrase.
 * @throws Error if a file is missing or not a Pulumi file
 */
export async function readStackConfig(stack: string, folder = "."): Promise<StackConfig> {
  const { name, config: declared } = project.parse(await readYaml(`${folder}/Pulumi.yaml`));
  const { config: set } = stackFile.parse(await readYaml(`${folder}/Pulumi.${stack}.yaml`));
  const defaults = Object.entries(declared).flatMap(([key, { default: value }]) =>
    value === undefined ? [] : [[`${name}:${key}`, value] as const],
  );
  const all = { ...Object.fromEntries(defaults), ...set };
  const secretKeys = Object.keys(all).filter((key) => JSON.stringify(all[key]).includes('"secure":'));
  const values = Object.fromEntries(Object.entries(all).map(([key, value]) => [key, toText(withoutSecrets(value))]));
  const modelName = values[`${name}:modelName`] || (await unnamedModel(name, values, folder));
  return { project: name, values: { ...values, [`${name}:modelName`]: modelName ?? "" }, secretKeys };
}

/**
 * Finds the model of a stack without `modelName`, as the program does: production that takes its registry from mlflow.stack uses that stack's model.
 * @returns undefined if that stack has no file in the folder, because then only its outputs name the model
 */
async function unnamedModel(
  project: string,
  values: Readonly<Record<string, string>>,
  folder: string,
): Promise<string | undefined> {
  const mlflow = values[`${project}:mlflow`] ?? "";
  const { stack, trackingUri } = (mlflow.startsWith("{") ? JSON.parse(mlflow) : {}) as Record<string, unknown>;
  if (values[`${project}:environment`] !== "production" || trackingUri !== undefined || typeof stack !== "string")
    return SAMPLE_MODEL;
  const name = stack.split("/").at(-1) ?? stack;
  if (!existsSync(`${folder}/Pulumi.${name}.yaml`)) return undefined;
  const other = await readYaml(`${folder}/Pulumi.${name}.yaml`);
  const set = stackFile.parse(other).config[`${project}:modelName`] ?? "";
  return toText(withoutSecrets(set)) || SAMPLE_MODEL;
}

async function readYaml(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new Error(
      `cannot read ${path}: run the command in the project's folder, for a stack that has a config file`,
      {
        cause,
      },
    );
  });
  return parse(text);
}

const toText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!(value instanceof Object)) return value;
  if ("secure" in value) return SECRET;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]));
}
