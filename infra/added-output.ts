import * as pulumi from "@pulumi/pulumi";

/** What the SDK's types keep to themselves. */
interface Knowable {
  readonly isKnown: Promise<boolean>;
}

/**
 * An output of a resource whose state may be of a release that did not have it: undefined then. In a preview the SDK takes such an output for unknown, so
 * that everything behind it would seem to change, although the resource does not.
 * @param old an output of the same resource that every state has: what is unknown while this one is known is not there
 */
export const addedOutput = (
  old: pulumi.Output<unknown>,
  added: pulumi.Output<string | undefined>,
): pulumi.Output<string | undefined> =>
  pulumi.output(old.apply(async () => ((await (added as unknown as Knowable).isKnown) ? added : undefined)));
