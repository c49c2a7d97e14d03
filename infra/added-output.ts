import * as pulumi from "@pulumi/pulumi";

/** Not declared in the SDK's types. */
interface Knowable {
  readonly isKnown: Promise<boolean>;
}

/**
 * An output that an earlier release's state may lack: undefined in that case. In a preview the SDK treats such an output as unknown, so everything
 * downstream would appear to change although the resource does not.
 * @param old an output of the same resource that every state has: if it is known and the other is unknown, the other is missing
 */
export const addedOutput = <T>(
  old: pulumi.Output<unknown>,
  added: pulumi.Output<T | undefined>,
): pulumi.Output<T | undefined> =>
  pulumi.output(
    old.apply(async () => ((await (added as unknown as Knowable).isKnown) ? added : undefined)),
  ) as pulumi.Output<T | undefined>;
