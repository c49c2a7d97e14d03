import { randomBytes } from "node:crypto";
import { absent } from "./errors.ts";
import type { EnvironmentName } from "./evidence.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import { deleteModelTag, getRegisteredModel, setModelTag } from "./registered-model.ts";

/**
 * The resource and stack that own a model's stage, recorded as a tag of the registered model. A replaced resource is deleted after its
 * successor has taken over and must not remove the stage from it. Two stacks must not fight over one stage.
 */
export interface StageOwner {
  /** `project/stack`. */
  readonly stack: string;
  /** Id of the resource, unique for each one created. */
  readonly id: string;
}

const ownerTag = (environment: EnvironmentName) => `${environment}.stack`;

/** Generates a unique id. Ids of earlier releases have no suffix after the environment. */
export const newStageId = (modelName: string, environment: EnvironmentName): string =>
  `${modelName}@${environment}#${randomBytes(6).toString("hex")}`;

/** Reads a stage's owner; undefined for a stage without an owner, or with one of an earlier release. */
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
 * Makes a resource the owner of the stage.
 * @throws Error if another stack owns it
 */
export async function claimStage(
  client: MlflowClient,
  modelName: string,
  environment: EnvironmentName,
  { stack, id }: StageOwner,
): Promise<void> {
  const owner = await readStageOwner(client, modelName, environment);
  if (owner?.stack === stack && owner.id === id) return;
  // The same resource in another stack means that the stack was renamed.
  if (owner && owner.stack !== stack && owner.id !== id)
    throw ownedByOtherStack(modelName, environment, owner.stack, stack);
  await setModelTag(client, modelName, ownerTag(environment), `${stack} ${id}`);
}

/**
 * Refuses to judge a version for a stage that another stack owns, because the verdict would count there.
 * @param former name of this stack at its last update, if it was renamed since
 * @throws Error if another stack owns the stage
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
    throw ownedByOtherStack(modelName, environment, owner.stack, stack);
}

const ownedByOtherStack = (modelName: string, environment: EnvironmentName, owner: string, stack: string) =>
  new Error(
    `${environment} of ${modelName} belongs to stack ${owner}, but this is stack ${stack}: two stacks cannot move the same stage. ` +
      `Set another modelName or another registry, or take that stack down first (pulumi destroy). If it no longer exists, remove the tag ${ownerTag(environment)} of the registered model in MLflow`,
  );

export const releaseStage = (client: MlflowClient, modelName: string, environment: EnvironmentName): Promise<void> =>
  deleteModelTag(client, modelName, ownerTag(environment));
