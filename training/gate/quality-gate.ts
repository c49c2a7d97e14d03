import type * as pulumi from "@pulumi/pulumi";
import type { DataContract } from "../../data/contract/data-contract.ts";
import type { DataFormat } from "../../data/reader/data-format.ts";
import { LazyResource } from "../../dynamic/lazy-resource.ts";
import type { RegistryInput } from "../../registry/registry-input.ts";
import type { Policy } from "./policy.ts";

export interface QualityGateArgs {
  /** Registry that holds the version; metrics, report and verdict are written to it. */
  readonly registry: RegistryInput;
  /** Registered model's name. */
  readonly modelName: pulumi.Input<string>;
  /** Version to judge. */
  readonly version: pulumi.Input<string>;
  /** Of the MLflow run that made it: a registry that was emptied counts its versions from 1 again. Looked up where it is not given. */
  readonly runId?: pulumi.Input<string>;
  /** Path of the evaluation snapshot, relative to the project's root. */
  readonly evaluationData: pulumi.Input<string>;
  /** MD5 of the snapshot as its DVC pointer says: other data is judged anew. */
  readonly evaluationMd5: pulumi.Input<string>;
  /** Likewise the snapshots of training (for leakage) and of reference (for drift). */
  readonly trainingData: pulumi.Input<string>;
  readonly trainingMd5: pulumi.Input<string>;
  readonly referenceData?: pulumi.Input<string>;
  readonly referenceMd5?: pulumi.Input<string>;
  readonly policy: pulumi.Input<Policy>;
  /** How the snapshots are written: labels that mean something else are judged again. */
  readonly dataFormat?: pulumi.Input<DataFormat>;
  /** What the snapshots must be like: another contract judges again. */
  readonly contract?: pulumi.Input<DataContract>;
  /** PEM of an Ed25519 private key, a secret: the verdict is signed with it. */
  readonly signingKey?: pulumi.Input<string> | undefined;
  /** `project/stack`: where another stack moves the stage, nothing is judged. */
  readonly stack: string;
}

/**
 * Judges a registered model version by its own files and fails the update unless it passes. What serves an approved
 * version takes `approvedVersion`, so that the gate is an edge of data and not only of order.
 */
export class QualityGate extends LazyResource {
  /** The version, once it has passed. */
  declare readonly approvedVersion: pulumi.Output<string>;
  declare readonly runId: pulumi.Output<string>;
  /** `models:/<name>/<version>`. */
  declare readonly modelUri: pulumi.Output<string>;
  /** Digest of the files that were judged: see combineDigests. */
  declare readonly modelSha256: pulumi.Output<string>;
  declare readonly verdict: pulumi.Output<string>;
  /** Artifact URI of the report. */
  declare readonly reportUri: pulumi.Output<string>;
  /** Artifact URI of the page of the version's last gate; undefined in a state that an earlier release wrote. */
  declare readonly reportPage: pulumi.Output<string | undefined>;
  /** Share of right answers on the evaluation snapshot, 0 to 1; undefined for a regressor. */
  declare readonly accuracy: pulumi.Output<number | undefined>;
  /** What the model is known by, by name; undefined in a state that an earlier release wrote. */
  declare readonly metrics: pulumi.Output<Readonly<Record<string, number>> | undefined>;
  /** Bins of the reference snapshot, as services take them; undefined without one, and in a state that an earlier release wrote. */
  declare readonly driftReference: pulumi.Output<string | undefined>;

  constructor(name: string, args: QualityGateArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = {
      approvedVersion: undefined,
      modelUri: undefined,
      modelSha256: undefined,
      verdict: undefined,
      reportUri: undefined,
      reportPage: undefined,
      accuracy: undefined,
      metrics: undefined,
      driftReference: undefined,
    };
    const props = { runId: undefined, ...args, ...outputs };
    super("QualityGate", "./training/gate/quality-gate-provider.ts", name, props, opts);
  }
}
