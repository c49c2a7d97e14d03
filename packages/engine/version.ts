/**
 * The release of the Pulumi CLI whose behaviour and file formats this engine follows. It is written to checkpoints, as
 * the CLI writes its own version.
 * @module
 */
export const PULUMI_VERSION = "v3.255.0";
