import type * as pulumi from "@pulumi/pulumi";
import { changedInputs } from "../dynamic/provider-inputs.ts";
import type { RegistryAccess } from "./mlflow-client.ts";

/** RegistryAccess as the input of a resource. */
export interface RegistryInput {
  /** Base URL of the MLflow server. */
  readonly trackingUri: pulumi.Input<string>;
  readonly username?: pulumi.Input<string> | undefined;
  readonly password?: pulumi.Input<string> | undefined;
  readonly token?: pulumi.Input<string> | undefined;
}

/**
 * Returns the names of the changed inputs of a resource that uses a registry. Another server counts as a change of `registry`, because its
 * version 1 is a different one. Another password does not count.
 */
export function changedTask<Inputs extends { readonly registry: RegistryAccess }>(
  olds: Inputs,
  news: Inputs,
  keys: readonly (keyof Inputs & string)[],
): string[] {
  const moved = olds.registry.trackingUri !== news.registry.trackingUri;
  return [...changedInputs(olds, news, keys), ...(moved ? ["registry"] : [])];
}
