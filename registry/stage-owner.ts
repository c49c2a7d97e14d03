import { randomBytes } from "node:crypto";
import { absent } from "./errors.ts";
import type { EnvironmentName } from "./evidence.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import { deleteModelTag, getRegisteredModel, setModelTag } from "./registered-model.ts";

/**
 * Records which resource of which stack owns a model's stage, as a tag of the registered model. A replaced resource is deleted after its successor
 * has taken over and must not take the stage from it; and two stacks must not fight over one stage.
 */
export interface StageOwner {
  /** `project/stack`. */
  readonly stack: string;
  /** Of the resource; another one for each that is created. */
  readonly id: string;
}

const ownerTag = (environment: EnvironmentName) => `${environment}.stack`;

/** An id that no other resource has. Those of earlier releases end after the environment. */
export const newStageId = (modelName: string, environment: EnvironmentName): string =>
  `${modelName}@${environment}#${randomBytes(6).toString("hex")}`;

/** Undefined for a stage that an earlier release moves, or nothing. */
export async function readStageOwner(
  client: MlflowClient,
  modelName: string,
  environment: EnvironmentName,
): Promise<StageOwner | undefined> {
  const { tags } = await getRegisteredModel(client, modelName);
  const [stack, id] = tags[ownerTag(environment)]?.split(" ") ?? [];
  return stack && id ? { stack, id } : undefined;
}

/**
 * Makes a resource the one that moves the stage.
 * @throws Error when another stack moves it
 */
export async function takeStage(
  client: MlflowClient,
  modelName: string,
  environment: EnvironmentName,
  { stack, id }: StageOwner,
): Promise<void> {
  const owner = await readStageOwner(client, modelName, environment);
  if (owner?.stack === stack && owner.id === id) return;
  // The same resource under another name: the stack was renamed.
  if (owner && owner.stack !== stack && owner.id !== id)
    throw anothersStage(modelName, environment, owner.stack, stack);
  await setModelTag(client, modelName, ownerTag(environment), `${stack} ${id}`);
}

/**
 * Refuses to judge a version for a stage that another stack moves: its verdict would count there.
 * @param former name of this stack at its last update, if it had another one
 */
export async function requireOwnStage(
  client: MlflowClient,
  modelName: string,
  environment: EnvironmentName,
  stack: string,
  former?: string,
): Promise<void> {
  const owner = await readStageOwner(client, modelName, environment).catch(absent);
  if (owner && owner.stack !== stack && owner.stack !== former)
    throw anothersStage(modelName, environment, owner.stack, stack);
}

const anothersStage = (modelName: string, environment: EnvironmentName, owner: string, stack: string) =>
  new Error(
    `${environment} of ${modelName} belongs to stack ${owner}, but this is stack ${stack}: two stacks cannot move the same stage. ` +
      `Set another modelName or another registry, or take that stack down first (pulumi destroy). If it no longer exists, remove the tag ${ownerTag(environment)} of the registered model in MLflow`,
  );

export const releaseStage = (client: MlflowClient, modelName: string, environment: EnvironmentName): Promise<void> =>
  deleteModelTag(client, modelName, ownerTag(environment));
