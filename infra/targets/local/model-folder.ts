import type * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../../dynamic/lazy-resource.ts";
import type { RegistryInput } from "../../../registry/registry-input.ts";

export interface ModelFolderArgs {
  readonly registry: RegistryInput;
  readonly modelName: pulumi.Input<string>;
  readonly version: pulumi.Input<string>;
  /** Approved digest: other files are rejected. */
  readonly sha256: pulumi.Input<string>;
  /** Folder of model folders, relative to the project's root. */
  readonly folder: pulumi.Input<string>;
  /** PEM with which the service verifies the gate's verdict. If it changes, the envelope is fetched again. */
  readonly gatePublicKey?: string | undefined;
  /** Artifact URI of the gate's signed statement that approved it; defaults to the one recorded on the version. */
  readonly attestation?: pulumi.Input<string | undefined>;
}

/** The approved files of a model version, in a folder named by their digest. */
export class ModelFolder extends LazyResource {
  /** The folder, relative to the project's root. */
  declare readonly path: pulumi.Output<string>;

  constructor(name: string, args: ModelFolderArgs, opts?: pulumi.CustomResourceOptions) {
    super("ModelFolder", "./infra/targets/local/model-folder-provider.ts", name, { ...args, path: undefined }, opts);
  }
}
