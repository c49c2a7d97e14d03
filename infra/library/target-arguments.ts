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

/**
 * Marks the values as secrets, in case a program reads them from its environment.
 * @param name the function's name, for the message
 * @throws RunError that names a half of a pair that is missing or no text, without its value
 */
export function markSecrets(name: string, { imageRegistry, mlflowAws }: TargetSecrets): TargetSecrets {
  requirePair(`${name}: imageRegistry`, imageRegistry, ["username", "password"]);
  requirePair(`${name}: mlflowAws`, mlflowAws, ["accessKeyId", "secretAccessKey"]);
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

function requirePair(key: string, pair: unknown, halves: readonly [string, string]): void {
  if (pair === undefined || pair === null) return;
  const given = (typeof pair === "object" ? pair : {}) as Readonly<Record<string, unknown>>;
  const wrong = halves.find((half) => !isText(given[half]));
  if (wrong !== undefined)
    throw new pulumi.RunError(`${key}.${wrong} must be a string or an Output. Set ${halves.join(" and ")}, or neither`);
}

/** Whether a value is a text, or may become one. */
const isText = (value: unknown) =>
  typeof value === "string" ? value !== "" : pulumi.Output.isInstance(value) || value instanceof Promise;
