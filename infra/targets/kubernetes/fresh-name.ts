import type * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../../dynamic/lazy-resource.ts";
import type { StackScope } from "./stack-scope.ts";

export interface FreshNameArgs {
  /** A prefix and the hash of the object's content, 10 digits: its first name. */
  readonly content: pulumi.Input<string>;
  /** Names of objects that must be replaced although their content is the same. */
  readonly spent?: pulumi.Input<readonly string[]>;
}

/**
 * Names an object that is replaced when its content changes. The first name ends in the content's hash, as in earlier releases. Every later name is
 * new, even for content that existed before: after a failed update from A to B, the object of A is still due for deletion. Another object of A with
 * the same name would collide with it, or be deleted in its place.
 */
export class FreshName extends LazyResource {
  /** The object's name. */
  declare readonly name: pulumi.Output<string>;

  constructor(
    name: string,
    { content, ...more }: FreshNameArgs,
    {
      settings,
      namespaceName,
    }: Pick<StackScope, "namespaceName"> & { readonly settings: { readonly clusterIdentifier: string } },
    opts?: pulumi.CustomResourceOptions,
  ) {
    const where = `${settings.clusterIdentifier}/${namespaceName}`;
    const props = { content, name: content, where, ...more };
    super("FreshName", "./infra/targets/kubernetes/fresh-name-provider.ts", name, props, opts);
  }
}
