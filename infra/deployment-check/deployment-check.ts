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
  /** Id of the MLflow run that created the version: the same version number from another run is verified again. */
  readonly runId: pulumi.Input<string>;
  /** Artifact URI of the gate report that approved it; defaults to the one recorded on the version. */
  readonly gateReport?: pulumi.Input<string | undefined>;
  /** Base URL of the service. */
  readonly url: pulumi.Input<string>;
  /** Identity of the serving process or container: a different one is verified again. */
  readonly instance: pulumi.Input<string>;
  /** Maximum 95th percentile of single-row latency, milliseconds. */
  readonly maxLatencyMs: pulumi.Input<number>;
  /** Base URL for callers, if they move only after this check; an error then names the version that serves them. */
  readonly callersUrl?: pulumi.Input<string>;
  /** Expected properties of the container, if it runs in one. */
  readonly container?: pulumi.Input<ContainerExpectation>;
  /** Image that it runs, by digest, if its container cannot be inspected. */
  readonly image?: pulumi.Input<string>;
  /** Token that callers of the service must send. */
  readonly apiToken?: pulumi.Input<string> | undefined;
  /** PEM of the Ed25519 private key that signs the result. */
  readonly signingKey?: pulumi.Input<string> | undefined;
  /** Production: the evidence on the version that the guard accepted. */
  readonly guardedEvidence?: pulumi.Input<string | undefined>;
}

/** Probes a running service and fails the update unless it serves exactly what was approved. */
export class DeploymentCheck extends LazyResource {
  /** The version, once the service has been verified. */
  declare readonly verifiedVersion: pulumi.Output<string>;
  /** One line per passed check. */
  declare readonly proofs: pulumi.Output<string[]>;
  /** The gate's measurements of the version, by metric name; undefined in a state that an earlier release wrote. */
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
