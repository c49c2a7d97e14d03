/**
 * The release of the Pulumi CLI whose behaviour and file formats this engine follows. It is written into checkpoints, as
 * the CLI writes its own version there.
 * @module
 */
export const PULUMI_VERSION = "v3.255.0";
