import type * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../dynamic/lazy-resource.ts";
import type { EnvironmentName } from "../../registry/evidence.ts";
import type { RegistryInput } from "../../registry/registry-input.ts";
import type { ContainerExpectation } from "./container-proofs.ts";

export interface DeploymentCheckArgs {
  /** The report is written to this registry. */
  readonly registry: RegistryInput;
  readonly environment: EnvironmentName;
  /** Registered model's name. */
  readonly modelName: pulumi.Input<string>;
  /** Version that must be served. */
  readonly version: pulumi.Input<string>;
  /** Digest of the files that must be served. */
  readonly modelSha256: pulumi.Input<string>;
  /** Of the MLflow run that made the version: the same number of another run is verified anew. */
  readonly runId: pulumi.Input<string>;
  /** Artifact URI of the gate report that approved it; defaults to the one recorded on the version. */
  readonly gateReport?: pulumi.Input<string | undefined>;
  /** Base URL of the service. */
  readonly url: pulumi.Input<string>;
  /** Identity of the process or container that serves: another one is verified anew. */
  readonly instance: pulumi.Input<string>;
  /** Bound for the 95th percentile of single-row requests, milliseconds. */
  readonly maxLatencyMs: pulumi.Input<number>;
  /** Base URL for callers, where they are let in only after this check: who serves them is told when it fails. */
  readonly callersUrl?: pulumi.Input<string>;
  /** Where it runs in a container: what that container must be. */
  readonly container?: pulumi.Input<ContainerExpectation>;
  /** Image that it runs, by digest, where its container cannot be looked into. */
  readonly image?: pulumi.Input<string>;
  /** Token that the service asks its callers for. */
  readonly apiToken?: pulumi.Input<string> | undefined;
  /** PEM of the Ed25519 private key that the proof is signed with. */
  readonly signingKey?: pulumi.Input<string> | undefined;
  /** Production: what stood on the version when the guard was asked. */
  readonly guardedEvidence?: pulumi.Input<string | undefined>;
}

/** Probes a running service and fails the update unless it serves exactly what was approved. */
export class DeploymentCheck extends LazyResource {
  /** The version, once the service has been verified. */
  declare readonly verifiedVersion: pulumi.Output<string>;
  /** One line for each thing that was proved. */
  declare readonly proofs: pulumi.Output<string[]>;
  /** What the gate measured of the version, by the metrics' names; undefined in a state that an earlier release wrote. */
  declare readonly metrics: pulumi.Output<Readonly<Record<string, number>> | undefined>;

  constructor(name: string, args: DeploymentCheckArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "DeploymentCheck",
      "./infra/deployment-check/deployment-check-provider.ts",
      name,
      { ...args, verifiedVersion: undefined, proofs: undefined, metrics: undefined },
      opts,
    );
  }
}
