import type * as pulumi from "@pulumi/pulumi";

/** RegistryAccess as the input of a resource. */
export interface RegistryInput {
  /** Base URL of the MLflow server. */
  readonly trackingUri: pulumi.Input<string>;
  readonly username?: pulumi.Input<string> | undefined;
  readonly password?: pulumi.Input<string> | undefined;
  readonly token?: pulumi.Input<string> | undefined;
}
