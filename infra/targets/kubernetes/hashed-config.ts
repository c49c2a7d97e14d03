import { createHash } from "node:crypto";
import * as core from "@pulumi/kubernetes/core/v1/index.js";
import * as pulumi from "@pulumi/pulumi";
import { FreshName } from "./fresh-name.ts";
import type { Place } from "./place.ts";

type Values = Readonly<Record<string, pulumi.Input<string>>>;

/** First 10 digits of the SHA-256 of the values, in any order. */
export function hashOf(values: Readonly<Record<string, string>>): string {
  const entries = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(entries)).digest("hex").slice(0, 10);
}

interface HashedArgs {
  /** Prefix of the object's name, before 10 hexadecimal digits. */
  readonly prefix: string;
  readonly labels: Record<string, string>;
  readonly values: pulumi.Input<Values>;
}

/**
 * An object that pods refer to by name. They must not take the name from the object itself: if somebody replaces the object by hand, a refresh makes Pulumi
 * delete it before it creates it again, and with it all that takes outputs from it, such as a Deployment with its pods.
 */
export interface NamedObject {
  readonly name: pulumi.Output<string>;
  /** For `dependsOn`. */
  readonly object: pulumi.Resource;
}

/**
 * Creates a ConfigMap of plain settings. Changed values create an object with another name: pods that refer to it are rolled, and old pods
 * keep their object until they are gone.
 */
export function configMap(
  name: string,
  args: HashedArgs,
  place: Place,
  opts: pulumi.CustomResourceOptions,
): NamedObject {
  const data = pulumi.output(args.values);
  const content = pulumi.interpolate`${args.prefix}-${data.apply(hashOf)}`;
  const made = new FreshName(`${name}-name`, { content }, place, opts);
  const metadata = { name: made.name, namespace: place.namespace, labels: args.labels };
  return {
    name: made.name,
    object: new core.ConfigMap(name, { metadata, immutable: true, data }, place.options(opts)),
  };
}

/** The same for secrets of a type. The hash in the name is not secret, as with kustomize's secretGenerator. */
export function secret(
  name: string,
  args: HashedArgs & { readonly type?: string },
  place: Place,
  opts: pulumi.CustomResourceOptions,
): NamedObject {
  const stringData = pulumi.secret(pulumi.output(args.values));
  const content = pulumi.interpolate`${args.prefix}-${pulumi.unsecret(stringData.apply(hashOf))}`;
  const made = new FreshName(`${name}-name`, { content }, place, opts);
  const { type = "Opaque" } = args;
  const metadata = { name: made.name, namespace: place.namespace, labels: args.labels };
  const object = new core.Secret(name, { metadata, type, immutable: true, stringData }, place.options(opts));
  return { name: made.name, object };
}
