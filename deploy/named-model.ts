import { SECRET } from "../infra/render/stack-config.ts";
import type { RunOptions } from "./pulumi-run.ts";
import { describeStack, listStacks, readStackFile, type StackFile } from "./stack-file.ts";
import { readStackOutputs } from "./stack-outputs.ts";
import { choose, type Terminal } from "./terminal.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The model a command works on, and its registry. */
export interface NamedModel {
  readonly modelName: string;
  readonly trackingUri: string;
  /** The stack that both come from; undefined if the model was named directly. */
  readonly stack?: StackFile;
}

/** Command-line options. */
export interface Given {
  readonly stack?: string | undefined;
  readonly model?: string | undefined;
}

/** Shared part of the commands' usage text. */
export const NAMING_USAGE = `  --stack <name>     take the model and registry from this stack
  --model <name>     or name the model (also MODEL_NAME), with its registry in MLFLOW_TRACKING_URI
  --cwd <folder>     the project's folder, if not the current one
  --engine <name>    pulumi (the CLI) or embedded: reads the stack's outputs
  MLFLOW_TRACKING_USERNAME and _PASSWORD, or _TOKEN, if the registry requires them`;

/**
 * Determines the model from the options; never guesses.
 * @throws Error that says which option is missing, or which two disagree
 */
export async function nameModel(
  given: Given,
  run: RunOptions,
  terminal: Terminal | undefined,
  env: Environment = process.env,
): Promise<NamedModel> {
  const model = given.model ?? (given.stack === undefined ? env.MODEL_NAME || undefined : undefined);
  const stack = given.stack ?? (model === undefined ? await askForStack(run.cwd, terminal) : undefined);
  if (stack === undefined) return { modelName: model ?? "", trackingUri: registryFromEnvironment(env) };
  const stackFile = await readStackFile(stack, run.cwd);
  const isSealed = stackFile.modelName === SECRET;
  if (isSealed && model === undefined)
    throw new Error(
      `modelName of stack ${stack} is encrypted, and this command decrypts nothing. Name the model with --model <name>, ` +
        `or set it in plain text: pulumi config set --plaintext modelName <name> --stack ${stack}`,
    );
  const modelName = isSealed ? model : (stackFile.modelName ?? (await modelInOutputs(stack, run)));
  if (modelName === undefined || (model !== undefined && model !== modelName))
    throw new Error(
      `--model ${model} is not the model of stack ${stack}, which is ${modelName}: pass only one of them`,
    );
  return { modelName, trackingUri: await registryOf(stackFile, run, env), stack: stackFile };
}

/** @throws Error if the stack has never completed an update */
async function modelInOutputs(stack: string, run: RunOptions): Promise<string> {
  const { modelName } = await readStackOutputs(stack, run);
  if (typeof modelName === "string") return modelName;
  throw new Error(
    `stack ${stack} has not completed an update yet, and the stack in its mlflow.stack has no file here, so its model is unknown. ` +
      `Name it: pulumi config set modelName <name> --stack ${stack}`,
  );
}

/**
 * Asks which stack to use.
 * @param among filters the stacks offered
 * @throws Error if there is no terminal, or no stack to choose from
 */
export async function askForStack(
  folder: string | undefined,
  terminal: Terminal | undefined,
  among: (stackFile: StackFile) => boolean = () => true,
  options = "--stack <name>, or the model with --model <name> (or MODEL_NAME)",
): Promise<string> {
  const missing = `no model given: name the stack with ${options}`;
  if (!terminal) throw new Error(missing);
  const files = await Promise.allSettled((await listStacks(folder)).map((stack) => readStackFile(stack, folder)));
  const stacks = files.flatMap((file) => (file.status === "fulfilled" ? [file.value] : []));
  const choices = stacks
    .filter(among)
    .map((stackFile) => ({ name: stackFile.stack, detail: describeStack(stackFile) }));
  if (choices.length === 0) throw new Error(`${missing}; no matching stack has a file in ${folder ?? "this folder"}`);
  return choose(terminal, "Which stack?", choices);
}

/** Finds the registry's URL in the stack's config, else in its outputs, else in those of the staging stack whose server it uses. A new stack may have none of them. */
async function registryOf(stackFile: StackFile, run: RunOptions, env: Environment): Promise<string> {
  const { stack, registryStack } = stackFile;
  const variable = env.MLFLOW_TRACKING_URI?.trim();
  let found = stackFile.trackingUri;
  const withoutUrl: string[] = [];
  for (const one of [stack, ...(registryStack === undefined ? [] : [registryStack])]) {
    if (found !== undefined) break;
    const outputs = await readStackOutputs(one, run).catch((error: Error) => error);
    if (outputs instanceof Error) {
      if (variable) break;
      throw new Error(
        `the registry of stack ${stack} is unknown: its config does not set mlflow.trackingUri, and ${outputs.message}\n` +
          "If the stack's outputs cannot be read, set MLFLOW_TRACKING_URI to the registry's URL",
        { cause: outputs },
      );
    }
    withoutUrl.push(one);
    if (typeof outputs.trackingUri === "string") found = outputs.trackingUri;
  }
  if (found === undefined) {
    if (variable) return variable;
    const stacks =
      withoutUrl.length > 1 ? `neither stack ${withoutUrl.join(" nor stack ")} has` : `stack ${stack} has not`;
    throw new Error(
      `${stacks} completed an update yet, so the registry's URL is unknown. ` +
        `Run pulumi up -s ${withoutUrl.at(-1)?.split("/").at(-1)} until it succeeds, or set MLFLOW_TRACKING_URI to the URL of the MLflow server`,
    );
  }
  if (variable && variable !== found)
    console.error(`MLFLOW_TRACKING_URI is ${variable} and is ignored: the registry of stack ${stack} is ${found}`);
  return found;
}

/** @throws Error that says what to set */
export function registryFromEnvironment(env: Environment): string {
  const uri = env.MLFLOW_TRACKING_URI?.trim();
  if (uri) return uri;
  throw new Error(
    "MLFLOW_TRACKING_URI is not set. Set it to the MLflow server's URL, for example http://127.0.0.1:5050, " +
      "or name the stack with --stack <name>",
  );
}
