import type * as pulumi from "@pulumi/pulumi";
import type { EnvironmentName } from "../../registry/evidence.ts";
import type { RegistryInput } from "../../registry/registry-input.ts";
import type { ContainerExpectation } from "../deployment-check/container-proofs.ts";

/** What an environment needs from the place that it runs in. It never asks which place that is. */
export interface Target {
  /** True where an image is what is deployed: production then deploys the very image that staging verified. */
  readonly deploysImages?: boolean;
  /** Describes an MLflow server. */
  mlflowServer(name: string, opts?: pulumi.CustomResourceOptions): MlflowServer;
  /** Makes the approved files of a model version ready to be served. */
  modelPackage(name: string, args: ModelPackageArgs, opts: pulumi.CustomResourceOptions): ModelPackage;
  /** Describes a running service. */
  service(name: string, args: ServiceArgs, opts: pulumi.CustomResourceOptions): RunningService;
  /** Runs the trainer where the target has a place for it, and answers what it printed. Without it the trainer is a command. */
  trainer?(name: string, args: TrainerArgs, opts: pulumi.CustomResourceOptions): pulumi.Output<string>;
}

export interface MlflowServer {
  /** Tracking URI, known once the server is running. */
  readonly trackingUri: pulumi.Output<string>;
  /**
   * The same URI, without a visible dependency on the server: if the server's container must be deleted before its replacement is created, the
   * engine also replaces the dependents of its outputs, and a trainer would train again.
   */
  readonly url: string;
}

export interface TrainerArgs {
  readonly command: string;
  /** The trainer's contract. */
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  /** What leads to a new model when it changes. */
  readonly triggers: readonly pulumi.Input<string>[];
}

/** A version and the files that make it, by digest. */
export interface ApprovedModel {
  readonly name: pulumi.Input<string>;
  readonly version: pulumi.Input<string>;
  /** Digest of the files: see combineDigests. */
  readonly sha256: pulumi.Input<string>;
  /** Of the MLflow run that made it: a registry that was emptied counts its versions from 1 again. */
  readonly runId: pulumi.Input<string>;
  /** Artifact URIs of the gate's report and signed statement by which it was approved; absent in the state of earlier releases. */
  readonly gateReport?: pulumi.Input<string | undefined>;
  readonly attestation?: pulumi.Input<string | undefined>;
  /** Whether production has served these very files before: a rollback needs no trial. */
  readonly wasInProduction?: pulumi.Input<boolean | undefined>;
}

export interface ModelPackageArgs {
  readonly registry: RegistryInput;
  readonly model: ApprovedModel;
  /** Production, where images are deployed: the one that staging verified, by digest. */
  readonly provedImage?: pulumi.Input<string>;
  /** PEM; another key means another envelope beside the files. */
  readonly gatePublicKey?: string | undefined;
}

export interface ModelPackage {
  /** What the target's service loads: a folder, or an image by digest. */
  readonly reference: pulumi.Output<string>;
  /** Packages that must be in an image that was built here: version by name. */
  readonly dependencies?: pulumi.Output<Readonly<Record<string, string>>>;
}

export interface ServiceArgs {
  /** For the history, where the target itself sees a failure. */
  readonly registry: RegistryInput;
  readonly environment: EnvironmentName;
  readonly model: ApprovedModel;
  readonly package: ModelPackage;
  /** TCP port that callers use. */
  readonly port: number;
  /** PEM; the service's GATE_PUBLIC_KEY. */
  readonly gatePublicKey?: string | undefined;
  /** Token that the service asks its callers for. */
  readonly apiToken?: pulumi.Input<string> | undefined;
  readonly page?: ServicePage | undefined;
}

/** What the service's page shows beyond the model's identity. */
export interface ServicePage {
  /** By names that service/page/card.ts knows. */
  readonly card: pulumi.Input<Readonly<Record<string, unknown>>>;
  /** Reference bins for drift, as JSON; empty if there are none. */
  readonly driftReference?: pulumi.Input<string> | undefined;
  /** URL of the other environment's service. */
  readonly otherUrl?: string | undefined;
  /** What requests are held against; undefined where they are not. */
  readonly contract?: ServiceContract | undefined;
}

export interface ServiceContract {
  /** Data contract as JSON; empty where the version's gate had none: a variable that is empty counts as not set. */
  readonly text: pulumi.Input<string>;
  /** What happens to requests that break it: they are counted, or refused as well. */
  readonly mode: "count" | "refuse";
}

export interface RunningService {
  /** Base URL, on this machine, of what is to be verified; without a slash at the end. For callers too, unless there is a release. */
  readonly url: pulumi.Output<string>;
  /** Changes whenever another process or container serves: what was verified before is verified again. */
  readonly instance: pulumi.Output<string>;
  /** Where it runs in a container: what that container must be. */
  readonly container?: pulumi.Input<ContainerExpectation>;
  /** Where it runs an image in a container that this machine cannot look into: the image, by digest. */
  readonly image?: pulumi.Input<string>;
  /** Where callers are let in only after the verification: their base URL, where the version before serves until then. */
  readonly callersUrl?: string;
  /**
   * Where callers are let in only after the verification: moves them to what was verified, and answers their base URL.
   * @param verifiedVersion the version, known once it has been verified
   */
  readonly release?: (verifiedVersion: pulumi.Output<string>) => pulumi.Output<string>;
}
