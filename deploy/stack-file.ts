import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { resolve } from "node:path";
import { readStackConfig, SECRET } from "../infra/render/stack-config.ts";
import type { EnvironmentName } from "../registry/evidence.ts";

/** Settings of a stack that commands read from its file before they run an engine. */
export interface StackFile {
  /** As passed to the engine, such as `staging` or `acme/model-promotion/staging`. */
  readonly stack: string;
  readonly environment: EnvironmentName;
  /** SECRET if it is encrypted; undefined if only the stack's outputs have it. */
  readonly modelName: string | undefined;
  readonly target: string;
  /** URL of the registry if the config sets it; otherwise it is in the stack's outputs. */
  readonly trackingUri?: string;
  /** The stack whose MLflow server production uses if the config does not set the URL. */
  readonly registryStack?: string;
}

/** Returns the names of the stacks with a file in the folder. */
export async function listStacks(folder = "."): Promise<string[]> {
  const files = await readdir(folder).catch((cause) => {
    throw new Error(`cannot read the project's folder ${folder}: ${cause.message}`, { cause });
  });
  return files.flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []).sort();
}

/**
 * Reads Pulumi.<stack>.yaml with the defaults of Pulumi.yaml, without an engine and without the passphrase.
 * @throws Error if the stack has no file, or its file does not set `environment`
 */
export async function readStackFile(stack: string, folder = "."): Promise<StackFile> {
  const name = stack.split("/").at(-1) ?? stack;
  const file = resolve(folder, `Pulumi.${name}.yaml`);
  if (!existsSync(file)) {
    const stacks = await listStacks(folder);
    const known = stacks.length > 0 ? `the stacks with a file are ${stacks.join(", ")}` : "no stack has a file there";
    throw new Error(`stack ${stack} has no file ${file}: ${known}. --cwd names the project's folder`);
  }
  const { project, values } = await readStackConfig(name, folder);
  const environment = values[`${project}:environment`];
  if (environment !== "staging" && environment !== "production")
    throw new Error(
      `${file} must set environment to staging or production, got ${JSON.stringify(environment ?? null)}. ` +
        `Set it with: pulumi config set environment production --stack ${stack}`,
    );
  const { trackingUri, stack: registryStack } = registryIn(values[`${project}:mlflow`] ?? "");
  return {
    stack,
    environment,
    modelName: values[`${project}:modelName`] || undefined,
    target: values[`${project}:target`] ?? "docker",
    ...(trackingUri !== undefined && { trackingUri }),
    ...(trackingUri === undefined && environment === "production" && registryStack !== undefined && { registryStack }),
  };
}

/** Reads the registry's settings; omits encrypted values. */
function registryIn(mlflow: string): { readonly trackingUri?: string; readonly stack?: string } {
  const { trackingUri, stack } = (mlflow.startsWith("{") ? JSON.parse(mlflow) : {}) as Record<string, unknown>;
  const isPlain = (value: unknown): value is string => typeof value === "string" && value !== SECRET;
  return { ...(isPlain(trackingUri) && { trackingUri }), ...(isPlain(stack) && { stack }) };
}

/** Describes a stack in one line, for a list to choose from. */
export const describeStack = ({ environment, modelName, target }: StackFile): string =>
  `${environment} of ${modelName ?? "its staging stack's model"}, target ${target}`;
