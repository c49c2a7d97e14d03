import * as pulumi from "@pulumi/pulumi";
import { registryOf } from "../docker/image-plan.ts";
import { secret } from "./hashed-config.ts";
import type { StackScope } from "./stack-scope.ts";

interface PullSecretArgs {
  readonly prefix: string;
  readonly labels: Record<string, string>;
  /** The image to pull. */
  readonly image: pulumi.Input<string>;
}

/** An image pull secret. One that the config names does not belong to the stack. */
interface PullSecret {
  readonly name: pulumi.Input<string>;
  readonly object?: pulumi.Resource;
}

/** Returns the service's image pull secret: the one that the config names, or one with the registry's credentials. Undefined if there is neither. */
export function pullSecret(
  name: string,
  args: PullSecretArgs,
  scope: StackScope,
  opts: pulumi.CustomResourceOptions,
): PullSecret | undefined {
  if (scope.settings.pullSecret) return { name: scope.settings.pullSecret };
  const credentials = scope.secrets.imageRegistry;
  if (!credentials) return undefined;
  const document = pulumi
    .all([args.image, credentials.username, credentials.password])
    .apply(([image, user, word]) => dockerConfig(registryOf(image), user, word));
  const { prefix, labels } = args;
  const type = "kubernetes.io/dockerconfigjson";
  return secret(name, { prefix, labels, type, values: { ".dockerconfigjson": document } }, scope, opts);
}

/** Does the same for another pod. The credentials are for the service's registry, so images from other registries are pulled without them. */
export function pullSecretOf(
  name: string,
  args: PullSecretArgs & { readonly image: string },
  scope: StackScope,
  opts: pulumi.CustomResourceOptions,
): PullSecret | undefined {
  const { pullSecret: given } = scope.settings;
  if (registryOf(args.image) !== scope.imageRegistry) return given === undefined ? undefined : { name: given };
  return pullSecret(name, args, scope, opts);
}

/** Formats credentials for the kubelet. Docker Hub uses the address of its old API. */
export function dockerConfig(registry: string, username: string, password: string): string {
  const server = registry === "docker.io" ? "https://index.docker.io/v1/" : registry;
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  return JSON.stringify({ auths: { [server]: { username, password, auth } } });
}
