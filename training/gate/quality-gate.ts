import type * as pulumi from "@pulumi/pulumi";
import type { DataContract } from "../../data/contract/data-contract.ts";
import type { DataFormat } from "../../data/reader/data-format.ts";
import { LazyResource } from "../../dynamic/lazy-resource.ts";
import type { RegistryInput } from "../../registry/registry-input.ts";
import type { Policy } from "./policy.ts";

export interface QualityGateArgs {
  /** Registry of the version, which receives metrics, report and verdict. */
  readonly registry: RegistryInput;
  /** Name of the registered model. */
  readonly modelName: pulumi.Input<string>;
  /** Version to evaluate. */
  readonly version: pulumi.Input<string>;
  /** MLflow run that created the version: a registry that was emptied numbers its versions from 1 again. Default: looked up. */
  readonly runId?: pulumi.Input<string>;
  /** Path of the evaluation snapshot, relative to the project's root. */
  readonly evaluationData: pulumi.Input<string>;
  /** MD5 of the snapshot from its DVC pointer: other data triggers a new evaluation. */
  readonly evaluationMd5: pulumi.Input<string>;
  /** Likewise the training snapshot (for leakage) and the reference snapshot (for drift). */
  readonly trainingData: pulumi.Input<string>;
  readonly trainingMd5: pulumi.Input<string>;
  readonly referenceData?: pulumi.Input<string>;
  readonly referenceMd5?: pulumi.Input<string>;
  readonly policy: pulumi.Input<Policy>;
  /** Format of the snapshots: a change triggers a new evaluation. */
  readonly dataFormat?: pulumi.Input<DataFormat>;
  /** Data contract of the snapshots: a change triggers a new evaluation. */
  readonly contract?: pulumi.Input<DataContract>;
  /** PEM of an Ed25519 private key, a secret, that signs the verdict. */
  readonly signingKey?: pulumi.Input<string> | undefined;
  /** `project/stack`: a change made by another stack triggers no evaluation. */
  readonly stack: string;
}

/**
 * Evaluates a registered model version by its own files and fails the update unless it passes. A service for an approved
 * version takes `approvedVersion`, which makes the gate a data dependency, not only an order.
 */
export class QualityGate extends LazyResource {
  /** The version, once it has passed. */
  declare readonly approvedVersion: pulumi.Output<string>;
  declare readonly runId: pulumi.Output<string>;
  /** `models:/<name>/<version>`. */
  declare readonly modelUri: pulumi.Output<string>;
  /** Digest of the evaluated files: see combineDigests. */
  declare readonly modelSha256: pulumi.Output<string>;
  declare readonly verdict: pulumi.Output<string>;
  /** Artifact URI of the report. */
  declare readonly reportUri: pulumi.Output<string>;
  /** Artifact URI of the page of the version's latest report; undefined in the state of an earlier release. */
  declare readonly reportPage: pulumi.Output<string | undefined>;
  /** Share of correct predictions on the evaluation snapshot, 0 to 1; undefined for a regressor. */
  declare readonly accuracy: pulumi.Output<number | undefined>;
  /** The model's main metrics, by name; undefined in the state of an earlier release. */
  declare readonly metrics: pulumi.Output<Readonly<Record<string, number>> | undefined>;
  /** Bins of the reference snapshot, in the services' format; undefined without a reference, and in the state of an earlier release. */
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
