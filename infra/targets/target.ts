import * as pulumi from "@pulumi/pulumi";
import type { EnvironmentName } from "../../registry/evidence.ts";
import type { RegistryInput } from "../../registry/registry-input.ts";
import type { ContainerExpectation } from "../deployment-check/container-proofs.ts";

/** What an environment requires of its target. Environments do not depend on a particular one. */
export interface Target {
  /** True if the target deploys images: production then deploys exactly the image that staging verified. */
  readonly deploysImages?: boolean;
  /** Describes an MLflow server. */
  mlflowServer(name: string, opts?: pulumi.CustomResourceOptions): MlflowServer;
  /** Prepares the approved files of a model version for serving. */
  modelPackage(name: string, args: ModelPackageArgs, opts: pulumi.CustomResourceOptions): ModelPackage;
  /** Describes a running service. */
  service(name: string, args: ServiceArgs, opts: pulumi.CustomResourceOptions): RunningService;
  /** Runs the trainer on the target and returns its output. If absent, the trainer is a local command. */
  trainer?(name: string, args: TrainerArgs, opts: pulumi.CustomResourceOptions): pulumi.Output<string>;
}

export interface MlflowServer {
  /** Tracking URI, known once the server is running. */
  readonly trackingUri: pulumi.Output<string>;
  /**
   * The same URI without a visible dependency on the server. If the server's container must be deleted before its replacement is created, the
   * engine also replaces the dependents of its outputs, and the trainer would train again.
   */
  readonly url: string;
}

export interface TrainerArgs {
  readonly command: string;
  /** Variables of the trainer contract. */
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  /** Values whose change triggers training. */
  readonly triggers: readonly pulumi.Input<string>[];
}

/** An approved version, with the digest of its files. */
export interface ApprovedModel {
  readonly name: pulumi.Input<string>;
  readonly version: pulumi.Input<string>;
  /** Digest of the files: see combineDigests. */
  readonly sha256: pulumi.Input<string>;
  /** Id of the MLflow run that created it: an emptied registry starts again at version 1. */
  readonly runId: pulumi.Input<string>;
  /** Artifact URIs of the gate's report and signed statement that approved it; absent in the state of earlier releases. */
  readonly gateReport?: pulumi.Input<string | undefined>;
  readonly attestation?: pulumi.Input<string | undefined>;
  /** Whether production has served exactly these files before: a rollback needs no trial. */
  readonly wasInProduction?: pulumi.Input<boolean | undefined>;
}

export interface ModelPackageArgs {
  readonly registry: RegistryInput;
  readonly model: ApprovedModel;
  /** Production on targets that deploy images: the image that staging verified, by digest. */
  readonly provedImage?: pulumi.Input<string>;
  /** PEM; a different key means a different envelope beside the files. */
  readonly gatePublicKey?: string | undefined;
}

export interface ModelPackage {
  /** What the target's service loads: a folder, or an image by digest. */
  readonly reference: pulumi.Output<string>;
  /** Packages that an image built here must contain, version by name. */
  readonly dependencies?: pulumi.Output<Readonly<Record<string, string>>>;
}

export interface ServiceArgs {
  /** For the history, if the target itself detects a failure. */
  readonly registry: RegistryInput;
  readonly environment: EnvironmentName;
  readonly model: ApprovedModel;
  readonly package: ModelPackage;
  /** TCP port that callers use. */
  readonly port: number;
  /** PEM; the service's GATE_PUBLIC_KEY. */
  readonly gatePublicKey?: string | undefined;
  /** Token that callers of the service must send. */
  readonly apiToken?: pulumi.Input<string> | undefined;
  readonly page?: ServicePage | undefined;
  /** Production: the evidence on the version that the guard accepted, for a target that moves callers before the deployment check. */
  readonly guardedEvidence?: pulumi.Input<string | undefined>;
}

/** What the service's page shows besides the model's identity. */
export interface ServicePage {
  /** Values by their names in service/page/card.ts. */
  readonly card: pulumi.Input<Readonly<Record<string, unknown>>>;
  /** Reference bins for drift, as JSON; empty if there are none. */
  readonly driftReference?: pulumi.Input<string> | undefined;
  /** URL of the other environment's service. */
  readonly otherUrl?: string | undefined;
  /** Rules that requests are checked against; undefined if they are not checked. */
  readonly contract?: ServiceContract | undefined;
}

export interface ServiceContract {
  /** Data contract as JSON; empty if the version's gate had none, because an empty variable counts as not set. */
  readonly text: pulumi.Input<string>;
  /** Whether requests that violate it are only counted, or also rejected. */
  readonly mode: "count" | "refuse";
}

export interface RunningService {
  /** Base URL, on this machine, of the service to verify; without a slash at the end. Callers also use it, unless there is a `release`. */
  readonly url: pulumi.Output<string>;
  /** Identity of the serving process or container: a different one is verified again. */
  readonly instance: pulumi.Output<string>;
  /** Expected properties of the container, if it runs in one. */
  readonly container?: pulumi.Input<ContainerExpectation>;
  /** The image by digest, if it runs in a container that this machine cannot inspect. */
  readonly image?: pulumi.Input<string>;
  /** Base URL for callers who move only after the verification; until then, the former version serves there. */
  readonly callersUrl?: string;
  /**
   * Moves callers to the verified service, and returns their base URL. Absent if callers do not move separately.
   * @param verifiedVersion the version, known once it has been verified
   */
  readonly release?: (verifiedVersion: pulumi.Output<string>) => pulumi.Output<string>;
}

/** The stack being deployed, as `project/stack`: the owner of its files, processes and registry stages. */
export const stackId = (): string => `${pulumi.getProject()}/${pulumi.getStack()}`;

/** Name of this stack's object on a shared machine: `project.stack.name`. */
export const ownName = (name: string): string => `${pulumi.getProject()}.${pulumi.getStack()}.${name}`;
