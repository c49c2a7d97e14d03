import { createHash } from "node:crypto";
import * as core from "@pulumi/kubernetes/core/v1/index.js";
import * as pulumi from "@pulumi/pulumi";
import { FreshName } from "./fresh-name.ts";
import type { StackScope } from "./stack-scope.ts";

type Values = Readonly<Record<string, pulumi.Input<string>>>;

/** Returns the first 10 digits of the SHA-256 of the values, independent of their order. */
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
 * An object that pods refer to by name. They must not take the name from the object itself: if the object is replaced manually, a refresh makes Pulumi
 * delete it before recreating it, and with it everything that uses its outputs, such as a Deployment with its pods.
 */
export interface NamedObject {
  readonly name: pulumi.Output<string>;
  /** For `dependsOn`. */
  readonly object: pulumi.Resource;
}

/**
 * Creates a ConfigMap of plain settings. Changed values create an object with a different name, which rolls the pods. Old pods
 * keep their object until they have terminated.
 */
export function configMap(
  name: string,
  args: HashedArgs,
  scope: StackScope,
  opts: pulumi.CustomResourceOptions,
): NamedObject {
  const data = pulumi.output(args.values);
  const content = pulumi.interpolate`${args.prefix}-${data.apply(hashOf)}`;
  const freshName = new FreshName(`${name}-name`, { content }, scope, opts);
  const metadata = { name: freshName.name, namespace: scope.namespace, labels: args.labels };
  return {
    name: freshName.name,
    object: new core.ConfigMap(name, { metadata, immutable: true, data }, scope.options(opts)),
  };
}

/** Does the same for a Secret. The hash in the name is not secret, as with kustomize's secretGenerator. */
export function secret(
  name: string,
  args: HashedArgs & { readonly type?: string },
  scope: StackScope,
  opts: pulumi.CustomResourceOptions,
): NamedObject {
  const stringData = pulumi.secret(pulumi.output(args.values));
  const content = pulumi.interpolate`${args.prefix}-${pulumi.unsecret(stringData.apply(hashOf))}`;
  const freshName = new FreshName(`${name}-name`, { content }, scope, opts);
  const { type = "Opaque" } = args;
  const metadata = { name: freshName.name, namespace: scope.namespace, labels: args.labels };
  const object = new core.Secret(name, { metadata, type, immutable: true, stringData }, scope.options(opts));
  return { name: freshName.name, object };
}
