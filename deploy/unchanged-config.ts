import { serverOf } from "../registry/tracking-uri.ts";
import type { StackFile } from "./stack-file.ts";
import type { ProductionOutputs } from "./stack-outputs.ts";

/**
 * Ensures that a stack's next update targets the model and registry of its last one. Commands plan from the outputs, but the update reads the config.
 * @throws Error with both values and the remedy
 */
export function requireUnchangedConfig(
  { stack, modelName, trackingUri }: Pick<StackFile, "stack" | "trackingUri"> & { readonly modelName: string },
  outputs: Pick<ProductionOutputs, "modelName" | "trackingUri">,
): void {
  const changed = [
    ...(modelName === outputs.modelName ? [] : [{ key: "modelName", is: modelName, was: outputs.modelName }]),
    ...(trackingUri === undefined || serverOf(trackingUri.trim()) === serverOf(outputs.trackingUri)
      ? []
      : [{ key: "mlflow.trackingUri", is: trackingUri, was: outputs.trackingUri }]),
  ];
  if (changed.length === 0) return;
  const differences = changed.map(({ key, is, was }) => `${key} is ${is}, but the last update used ${was}`);
  const reverts = changed.map(({ key, was }) => `pulumi config set --path ${key} ${was} --stack ${stack}`);
  throw new Error(
    `the config of stack ${stack} was changed since its last update: ${differences.join("; ")}. ` +
      `Run pulumi up --stack ${stack} first, or revert the config: ${reverts.join(" && ")}`,
  );
}
