import * as pulumi from "@pulumi/pulumi";

/** Not declared in the SDK's types. */
interface Knowable {
  readonly isKnown: Promise<boolean>;
  promise(): Promise<unknown>;
}

/** False in a preview for a value that only the update will have. */
export const isKnownOutput = (output: pulumi.Output<unknown>): Promise<boolean> =>
  (output as unknown as Knowable).isKnown;

/**
 * Returns an output, or undefined if the state of an earlier release lacks it. In a preview, the SDK treats such an output as unknown, so everything
 * downstream would appear to change although the resource does not.
 * @param old an output of the same resource that every state has: if it is known and the other unknown, the other is missing
 */
export const addedOutput = <T>(
  old: pulumi.Output<unknown>,
  added: pulumi.Output<T | undefined>,
): pulumi.Output<T | undefined> =>
  pulumi.output(old.apply(async () => ((await isKnownOutput(added)) ? added : undefined))) as pulumi.Output<
    T | undefined
  >;

/**
 * Omits stack outputs without a value, such as the accuracy of a regressor: Pulumi would warn about each. Values that only an update will know are kept.
 * Waits for the resources behind them, so it must run after everything is declared.
 */
export async function definedOutputs(
  outputs: Readonly<Record<string, pulumi.Output<unknown>>>,
): Promise<pulumi.Inputs> {
  const defined: pulumi.Inputs = {};
  for (const [name, output] of Object.entries(outputs)) {
    const value = await (output as unknown as Knowable).promise();
    if (value !== undefined || !(await isKnownOutput(output))) defined[name] = output;
  }
  return defined;
}
