import * as pulumi from "@pulumi/pulumi";
import { secret } from "./hashed-config.ts";
import type { Place } from "./place.ts";

interface PullSecretArgs {
  readonly prefix: string;
  readonly labels: Record<string, string>;
  /** The image to pull. */
  readonly image: pulumi.Input<string>;
}

/** A secret to pull with; one that the config names is not the stack's object. */
interface PullSecret {
  readonly name: pulumi.Input<string>;
  readonly object?: pulumi.Resource;
}

/** Returns the secret to pull the service's image with: the one in the config, or one with the registry's credentials; or none. */
export function pullSecret(
  name: string,
  args: PullSecretArgs,
  place: Place,
  opts: pulumi.CustomResourceOptions,
): PullSecret | undefined {
  if (place.settings.pullSecret) return { name: place.settings.pullSecret };
  const config = new pulumi.Config();
  const username = config.getSecret("imageRegistryUsername");
  const password = config.getSecret("imageRegistryPassword");
  if (!username || !password) return undefined;
  const document = pulumi
    .all([args.image, username, password])
    .apply(([image, user, word]) => dockerConfig(registryOf(image), user, word));
  const { prefix, labels } = args;
  const type = "kubernetes.io/dockerconfigjson";
  return secret(name, { prefix, labels, type, values: { ".dockerconfigjson": document } }, place, opts);
}

/** Does the same for another pod. The credentials are for the service's registry, so other images are pulled without them. */
export function pullSecretOf(
  name: string,
  args: PullSecretArgs & { readonly image: string },
  place: Place,
  opts: pulumi.CustomResourceOptions,
): PullSecret | undefined {
  const { pullSecret: given } = place.settings;
  if (registryOf(args.image) !== place.imageRegistry) return given === undefined ? undefined : { name: given };
  return pullSecret(name, args, place, opts);
}

/** Host of an image's registry by Docker's rule: the part before the first slash, if it looks like a host. */
export function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : "docker.io";
}

/** Credentials in the kubelet's format. Docker Hub uses the address of its old API. */
export function dockerConfig(registry: string, username: string, password: string): string {
  const server = registry === "docker.io" ? "https://index.docker.io/v1/" : registry;
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  return JSON.stringify({ auths: { [server]: { username, password, auth } } });
}
