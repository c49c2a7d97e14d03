import * as pulumi from "@pulumi/pulumi";

/** Secrets of the targets docker and kubernetes. */
export interface TargetSecrets {
  /** Credentials of the image registry, to push and pull images. */
  readonly imageRegistry?:
    | { readonly username: pulumi.Input<string>; readonly password: pulumi.Input<string> }
    | undefined;
  /** Credentials of the S3 store with MLflow's artifacts. */
  readonly mlflowAws?:
    | { readonly accessKeyId: pulumi.Input<string>; readonly secretAccessKey: pulumi.Input<string> }
    | undefined;
}

/** Reads the secrets of this project's stacks from their config. Of a pair with one half missing, nothing is used. */
export function secretsFromConfig(): TargetSecrets {
  const config = new pulumi.Config();
  const username = config.getSecret("imageRegistryUsername");
  const password = config.getSecret("imageRegistryPassword");
  const accessKeyId = config.getSecret("mlflowAwsAccessKeyId");
  const secretAccessKey = config.getSecret("mlflowAwsSecretAccessKey");
  return {
    ...(username && password && { imageRegistry: { username, password } }),
    ...(accessKeyId && secretAccessKey && { mlflowAws: { accessKeyId, secretAccessKey } }),
  };
}
