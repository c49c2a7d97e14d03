import type * as pulumi from "@pulumi/pulumi";
import type { EnvironmentName } from "../../registry/evidence.ts";
import type { RegistryInput } from "../../registry/registry-input.ts";
import type { Settings } from "../settings.ts";

/** What an environment needs from the place that it runs in. It never asks which place that is. */
export interface Target {
  /** Describes an MLflow server and answers its tracking URI. */
  mlflowServer(name: string, opts: pulumi.CustomResourceOptions): pulumi.Output<string>;
  /** Makes the approved files of a model version ready to be served. */
  modelPackage(name: string, args: ModelPackageArgs, opts: pulumi.CustomResourceOptions): ModelPackage;
  /** Describes a running service. */
  service(name: string, args: ServiceArgs, opts: pulumi.CustomResourceOptions): RunningService;
}

/** A version and the files that make it, by digest. */
export interface ApprovedModel {
  readonly name: pulumi.Input<string>;
  readonly version: pulumi.Input<string>;
  /** Digest of the files: see combineDigests. */
  readonly sha256: pulumi.Input<string>;
}

export interface ModelPackageArgs {
  readonly registry: RegistryInput;
  readonly model: ApprovedModel;
  /** PEM; another key means another envelope beside the files. */
  readonly gatePublicKey?: string | undefined;
}

export interface ModelPackage {
  /** What the target's service loads: a folder, or an image by digest. */
  readonly reference: pulumi.Output<string>;
}

export interface ServiceArgs {
  readonly environment: EnvironmentName;
  readonly model: ApprovedModel;
  readonly package: ModelPackage;
  /** TCP port that callers use. */
  readonly port: number;
  /** PEM; the service's GATE_PUBLIC_KEY. */
  readonly gatePublicKey?: string | undefined;
}

export interface RunningService {
  /** Base URL for callers on this machine, without a slash at the end. */
  readonly url: pulumi.Output<string>;
  /** Changes whenever another process or container serves: what was verified before is verified again. */
  readonly instance: pulumi.Output<string>;
}

/** A target's module is loaded only when it is chosen: the kubernetes SDK alone takes seconds. */
export async function loadTarget(settings: Settings): Promise<Target> {
  switch (settings.target) {
    case "local":
      return (await import("./local/local-target.ts")).localTarget(settings);
    case "docker":
      return (await import("./docker/docker-target.ts")).dockerTarget();
    case "kubernetes":
      return (await import("./kubernetes/kubernetes-target.ts")).kubernetesTarget();
  }
}
