import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { EnvironmentName } from "../../registry/evidence.ts";
import { mlflowSettings } from "../mlflow-settings.ts";
import { imageSettings } from "../targets/docker/docker-settings.ts";
import type { TargetSecrets } from "../targets/target-secrets.ts";

/** Arguments of every target that runs images. */
export interface ImageTargetArgs extends TargetSecrets {
  /** Environment that the program deploys. Staging builds images; production runs those that staging verified. */
  readonly environment: EnvironmentName;
  /** The MLflow server. Keys: `mlflow` in docs/configuration.md. */
  readonly mlflow?: Omit<z.input<typeof mlflowSettings>, "stack">;
  /** The image with service and model. Keys: `image` in docs/configuration.md. */
  readonly image?: z.input<typeof imageSettings>;
}

export const environment = z.enum(["staging", "production"], "must be staging or production");
export const image = imageSettings.prefault({});
export const mlflow = mlflowSettings.omit({ stack: true }).prefault({});

/** Marks the values as secrets, in case a program reads them from its environment. */
export function markSecrets({ imageRegistry, mlflowAws }: TargetSecrets): TargetSecrets {
  return {
    ...(imageRegistry && {
      imageRegistry: {
        username: pulumi.secret(imageRegistry.username),
        password: pulumi.secret(imageRegistry.password),
      },
    }),
    ...(mlflowAws && {
      mlflowAws: {
        accessKeyId: pulumi.secret(mlflowAws.accessKeyId),
        secretAccessKey: pulumi.secret(mlflowAws.secretAccessKey),
      },
    }),
  };
}
