import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings.ts";
import {
  type MlflowServer,
  type ModelPackage,
  type ModelPackageArgs,
  type RunningService,
  type ServiceArgs,
  stackId,
  type Target,
} from "../target.ts";
import { secretsFromConfig, type TargetSecrets } from "../target-secrets.ts";
import { mlflowContainer, reachableHost } from "./docker-mlflow.ts";
import { listContainers } from "./engine-containers.ts";
import { gateway } from "./gateway.ts";
import { GatewayRoute } from "./gateway-route.ts";
import { assembleContext } from "./image-context.ts";
import { inferenceContainer, SERVICE_PORT } from "./inference-container.ts";
import { keepContainers } from "./kept-containers.ts";
import { builtImage, provedImage } from "./model-image.ts";

/** Work that the program itself does, outside any resource. */
export interface DockerTargetWork {
  readonly assemble: typeof assembleContext;
  readonly containers: typeof listContainers;
  readonly now: () => string;
  /** Default: those of the stack's config. */
  readonly secrets?: TargetSecrets;
}

/** What the target needs of the config. */
export type DockerTargetSettings = Pick<Settings, "environment" | "docker" | "image" | "mlflow"> & {
  readonly service: { readonly port: number };
};

export const DOCKER_TARGET_WORK: DockerTargetWork = {
  assemble: assembleContext,
  containers: listContainers,
  now: () => new Date().toISOString(),
};

/**
 * Runs everything in containers on one Docker engine: MLflow, a gateway for each environment, an image for each model version.
 * @throws RunError if no Docker engine responds, or a container of another stack uses a port
 */
export async function dockerTarget(
  { environment, docker: settings, image, mlflow, service: { port } }: DockerTargetSettings,
  work: DockerTargetWork = DOCKER_TARGET_WORK,
): Promise<Target> {
  const { imageRegistry: credentials, mlflowAws: aws } = work.secrets ?? secretsFromConfig();
  const owner = { stack: stackId(), environment };
  const ownServer = environment === "staging" && !mlflow.trackingUri ? { mlflow } : {};
  const ports = { address: settings.address, servicePort: port, ...ownServer };
  const kept = await work
    .containers(settings.host)
    .then((seen) => keepContainers(seen, owner, { ...ports, generation: work.now() }))
    .catch((cause: Error) => {
      throw new pulumi.RunError(cause.message);
    });
  const provider = new docker.Provider("docker", {
    ...(settings.host && { host: settings.host }),
    ...(credentials && { registryAuth: [{ address: image.registry, ...credentials }] }),
  });

  const mlflowServer = (name: string, opts: pulumi.CustomResourceOptions = {}): MlflowServer =>
    mlflowContainer(
      name,
      { mlflow, stack: owner.stack, settings, build: image, kept: kept.mlflow, ...(aws && { aws }) },
      { ...opts, provider },
    );

  const modelPackage = (name: string, args: ModelPackageArgs, opts: pulumi.CustomResourceOptions): ModelPackage => {
    if (environment === "staging") {
      const build = {
        settings: image,
        contextFolder: settings.contextFolder,
        assemble: work.assemble,
        ...(credentials && { credentials }),
      };
      return builtImage(name, args, build, { ...opts, provider });
    }
    if (args.provedImage === undefined)
      throw new Error("production requires the image that staging verified, but got none");
    return provedImage(name, args.provedImage, { ...opts, provider });
  };

  const service = (name: string, args: ServiceArgs, opts: pulumi.CustomResourceOptions): RunningService => {
    const provided = { ...opts, provider };
    const network = new docker.Network(`${name}-network`, { driver: "bridge" }, provided);
    const frame = { settings, network };
    const proxy = gateway(
      name,
      { ...frame, environment: args.environment, port: args.port, kept: kept.gateway },
      provided,
    );
    const container = inferenceContainer(name, args, { ...frame, kept: kept.inference }, provided);
    const callersUrl = `http://${reachableHost(settings.address)}:${args.port}`;
    return {
      url: container.url,
      instance: container.id,
      callersUrl,
      container: {
        id: container.id,
        image: args.package.reference,
        limits: { memoryMb: settings.memoryMb, cpus: settings.cpus, pids: settings.pids },
        ...(args.package.dependencies && { dependencies: args.package.dependencies }),
        ...(settings.host && { host: settings.host }),
      },
      release: (verifiedVersion) =>
        new GatewayRoute(
          `${name}-route`,
          {
            gateway: proxy.id,
            upstream: container.name,
            upstreamPort: SERVICE_PORT,
            version: verifiedVersion,
            sha256: args.model.sha256,
            registry: args.registry,
            environment: args.environment,
            modelName: args.model.name,
            url: callersUrl,
            ...(settings.host && { host: settings.host }),
          },
          opts,
        ).url,
    };
  };

  return { deploysImages: true, mlflowServer, modelPackage, service };
}
