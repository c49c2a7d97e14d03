/**
 * Target docker for Pulumi programs of other projects: `import { dockerTarget } from "model-promotion/docker"`.
 * @module
 */
import { z } from "zod";
import { ABOUT_KEY } from "../../data/issue-messages.ts";
import { portSetting } from "../mlflow-settings.ts";
import { dockerSettings, missingDrivers } from "../targets/docker/docker-settings.ts";
import { DOCKER_TARGET_WORK, dockerTarget as targetOf } from "../targets/docker/docker-target.ts";
import type { Target } from "../targets/target.ts";
import { parseArguments } from "./parse-arguments.ts";
import { environment, type ImageTargetArgs, image, markSecrets, mlflow } from "./target-arguments.ts";

export interface DockerTargetArgs extends ImageTargetArgs {
  /** TCP port for callers: the `port` of the program's `InferenceService`. */
  readonly port: number;
  /** The engine and the limits of containers. Keys: `docker` in docs/configuration.md. */
  readonly docker?: z.input<typeof dockerSettings>;
}

const schema = z
  .strictObject({ environment, port: portSetting, mlflow, image, docker: dockerSettings.prefault({}) })
  .superRefine((args, context) => {
    const message = args.environment === "staging" && !args.mlflow.trackingUri && missingDrivers(args.mlflow);
    if (message) context.addIssue({ code: "custom", path: ["mlflow", "image"], message, ...ABOUT_KEY });
  });

/**
 * Runs everything in containers on one Docker engine: MLflow, a gateway that callers use, an image for each model version. A program
 * has at most one such target.
 * @throws RunError if an argument is wrong, no Docker engine responds, or a container of another stack uses a port
 * @example
 * const target = await dockerTarget({ environment: "staging", port: 8000, image: { repository: "acme/churn-model" } });
 * const { trackingUri } = target.mlflowServer("mlflow");
 */
export async function dockerTarget(all: DockerTargetArgs): Promise<Target> {
  // A program without TypeScript may pass nothing.
  const { imageRegistry, mlflowAws, ...args } = all ?? {};
  const { port, ...settings } = parseArguments("dockerTarget", schema, args);
  const secrets = markSecrets("dockerTarget", { imageRegistry, mlflowAws });
  return targetOf({ ...settings, service: { port } }, { ...DOCKER_TARGET_WORK, secrets });
}
