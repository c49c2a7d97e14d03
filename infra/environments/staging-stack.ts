import * as pulumi from "@pulumi/pulumi";
import { modelName as modelNameSchema } from "../mlflow-settings.ts";
import type { Settings } from "../settings.ts";

/** Production's settings, completed from staging's outputs, and its registry. */
export interface CompleteSettings {
  readonly settings: Settings;
  readonly trackingUri: pulumi.Input<string>;
}

/**
 * Takes the registry and the model from the staging stack that production's config names, unless the config sets them. Runs before anything is
 * declared, because a missing output would fail once per resource.
 * @param namesModel whether the config sets the model's name
 * @throws RunError if the stack has no outputs, as after a failed first update
 */
export async function withStagingOutputs(settings: Settings, namesModel: boolean): Promise<CompleteSettings> {
  // parseSettings rejects a production without either.
  const { trackingUri, stack = "" } = settings.mlflow;
  if (trackingUri !== undefined) return { settings, trackingUri };
  const reference = new pulumi.StackReference(stack);
  const { value, secretValue } = await reference.getOutputDetails("trackingUri");
  if ((value ?? secretValue) === undefined)
    throw new pulumi.RunError(
      `stack ${stack} has no MLflow server yet, which production needs as its registry. Run \`pulumi up -s ${stack.split("/").at(-1)}\` first`,
    );
  const registry = reference.requireOutput("trackingUri") as pulumi.Output<string>;
  if (namesModel) return { settings, trackingUri: registry };
  const model = await reference.getOutputDetails("modelName");
  // A stack last updated by an earlier release lacks this output: production keeps its model.
  const modelName = checkedName(model.value ?? model.secretValue, stack) ?? settings.modelName;
  return { settings: { ...settings, modelName }, trackingUri: registry };
}

function checkedName(name: unknown, stack: string): string | undefined {
  const parsed = modelNameSchema.optional().safeParse(name);
  if (parsed.success) return parsed.data;
  throw new pulumi.RunError(
    `output modelName of stack ${stack} is ${JSON.stringify(name)}, which is not a model's name. Set this stack's own: pulumi config set modelName <name>`,
  );
}
