/**
 * Address (`host:port`) of the engine, if this is the process in which the Pulumi CLI runs dynamic resources
 * (`@pulumi/pulumi/cmd/dynamic-provider`); undefined in every other process.
 */
export const engineAddress: string | undefined = /[\\/]cmd[\\/]dynamic-provider([\\/]index\.js)?$/.test(
  process.argv[1] ?? "",
)
  ? process.argv[2]
  : undefined;
