import { createHash } from "node:crypto";
import * as batch from "@pulumi/kubernetes/batch/v1/index.js";
import * as pulumi from "@pulumi/pulumi";
import type { TrainerArgs } from "../target.ts";
import { FreshName } from "./fresh-name.ts";
import { secret } from "./hashed-config.ts";
import { JobResult } from "./job-result.ts";
import { labels, MLFLOW_PORT, objectName, selector } from "./labels.ts";
import { portOf } from "./mlflow-server.ts";
import { allowOnly, toPods, toPorts } from "./network-policies.ts";
import { CONTAINER_SECURITY, podSecurity, TMP_MOUNT, TMP_VOLUME } from "./pod-security.ts";
import { pullSecretOf } from "./pull-secret.ts";
import { clusterInputs, UNAWAITED } from "./rollout.ts";
import type { StackScope } from "./stack-scope.ts";

const TRAINER_USER = 1000;
const HTTP = [80, 443];

/** URL of the registry for pods: this stack's server, or another one. */
interface TrainersRegistry {
  readonly inCluster?: pulumi.Input<string> | undefined;
  readonly elsewhere?: string | undefined;
}

/** Returns the name of the trainer's objects; names of Jobs add a suffix. */
const trainerName = (modelName: string) => `${objectName(modelName)}-training`;

/** Returns the selector of the trainer's Jobs. */
export const trainerSelector = (modelName: string) => selector(trainerName(modelName), "training");

/**
 * Runs the trainer as a Job, once for each set of triggers: a retry could register a second version. A Job that failed in an earlier update is replaced.
 * @param failed names of failed Jobs
 * @returns the trainer's output, whose last line is the result
 * @throws RunError when config names no image
 */
export function trainingJob(
  name: string,
  args: TrainerArgs,
  { inCluster, elsewhere, failed }: TrainersRegistry & { readonly failed: readonly string[] },
  scope: StackScope,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const { training, network: allowed, rolloutTimeoutSeconds } = scope.settings;
  const { image, cpu, memory, deadlineSeconds } = training;
  if (!image)
    throw new pulumi.RunError("kubernetes.training.image is missing: training.runner job needs a trainer image");
  const app = trainerName(scope.modelName);
  const common = labels(scope.modelName, app, "training");
  const values = { ...args.environment, ...(inCluster && { MLFLOW_TRACKING_URI: inCluster }) };
  const environment = secret(`${name}-environment`, { prefix: app, labels: common, values }, scope, opts);
  const pull = pullSecretOf(`${name}-pull`, { prefix: `${app}-pull`, labels: common, image }, scope, opts);
  const network = { name: app, labels: common, selector: selector(app, "training") };
  const ports = new Set([...HTTP, ...(elsewhere === undefined ? [] : [portOf(elsewhere)]), ...allowed.egressPorts]);
  const to = [...toPorts(...ports), ...(inCluster ? toPods(selector("mlflow", "mlflow"), MLFLOW_PORT) : [])];
  allowOnly(`${name}-network`, { ...network, to }, scope, opts);
  const triggers = pulumi.output([image, ...args.triggers]);
  const content = pulumi.unsecret(triggers.apply((all) => `${app}-${hashOf(all)}`));
  const jobName = new FreshName(`${name}-name`, { content, ...(failed.length > 0 && { spent: failed }) }, scope, opts)
    .name;
  const job = new batch.Job(
    `${name}-job`,
    {
      metadata: {
        name: jobName,
        namespace: scope.namespace,
        labels: common,
        // JobResult waits, and shows the trainer's output.
        annotations: UNAWAITED,
      },
      spec: {
        backoffLimit: 0,
        activeDeadlineSeconds: deadlineSeconds,
        template: {
          metadata: { labels: common },
          spec: {
            restartPolicy: "Never",
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: podSecurity(TRAINER_USER),
            ...(pull && { imagePullSecrets: [{ name: pull.name }] }),
            containers: [
              {
                name: "trainer",
                image,
                command: ["/bin/sh", "-c", args.command],
                securityContext: CONTAINER_SECURITY,
                envFrom: [{ secretRef: { name: environment.name } }],
                resources: { requests: { cpu, memory }, limits: { cpu, memory } },
                volumeMounts: [TMP_MOUNT],
              },
            ],
            volumes: [TMP_VOLUME],
          },
        },
      },
    },
    // A rotated password does not trigger training: the Job keeps the Secrets that it ran with, and the next Job gets the current ones.
    scope.options(opts, {
      dependsOn: [environment, pull].flatMap((made) => made?.object ?? []),
      ignoreChanges: ["spec.template.spec.containers[0].envFrom", "spec.template.spec.imagePullSecrets"],
    }),
  );
  return new JobResult(
    `${name}-result`,
    {
      ...clusterInputs(scope),
      namespace: scope.namespaceName,
      job: job.metadata.name,
      uid: job.metadata.uid,
      startSeconds: rolloutTimeoutSeconds,
      deadlineSeconds,
    },
    opts,
  ).stdout;
}

const hashOf = (values: readonly string[]) =>
  createHash("sha256").update(JSON.stringify(values)).digest("hex").slice(0, 10);
