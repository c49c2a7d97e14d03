import * as apps from "@pulumi/kubernetes/apps/v1/index.js";
import * as core from "@pulumi/kubernetes/core/v1/index.js";
import type * as inputs from "@pulumi/kubernetes/types/input.js";
import type { CustomResourceOptions, Input, Resource } from "@pulumi/pulumi";
import type { EnvironmentName } from "../../../registry/evidence.ts";
import type { RegistryInput } from "../../../registry/registry-input.ts";
import type { CallersPath } from "./callers-path.ts";
import { OWNER_PATH } from "./existing-objects.ts";
import { OWNED, selector, type Track } from "./labels.ts";
import { clusterInputs, hashOfPods, Rollout, UNAWAITED, UNAWAITED_PATH } from "./rollout.ts";
import { type ServicePodArgs, servicePod } from "./service-pod.ts";
import type { StackScope } from "./stack-scope.ts";

/** Common inputs of an inference service's objects. */
export interface ServiceFrame {
  /** Pulumi's name. */
  readonly resource: string;
  /** The cluster's name. */
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly scope: StackScope;
  readonly opts: CustomResourceOptions;
}

/** A Deployment, and its pods as the program describes them. */
export interface Workload {
  readonly deployment: apps.Deployment;
  readonly template: inputs.core.v1.PodTemplateSpec;
}

/** Selects the pods of a track, or of both. */
export const podsOf = (name: string, track?: Track): Record<string, string> => ({
  ...selector(name, "inference"),
  ...(track && { track }),
});

export const deploymentName = (name: string, track: Track) => (track === "stable" ? name : `${name}-canary`);

interface PodArgs
  extends Pick<ServicePodArgs, "served" | "modelName" | "card" | "configMap" | "secrets" | "pullSecret"> {
  /** Objects that the pods refer to by name. */
  readonly needs: readonly Resource[];
}

/**
 * Describes the Deployment of a track. The stable track starts with the autoscaler's minimum, and the autoscaler then sets its size. CanaryAnalysis sets the
 * canary's size, which is normally 0.
 */
export function serviceDeployment(frame: ServiceFrame, track: Track, { needs, ...pod }: PodArgs): Workload {
  const { resource, labels, scope, opts } = frame;
  const matchLabels = podsOf(frame.name, track);
  const template = servicePod({ ...pod, track, labels, selector: matchLabels, settings: scope.settings });
  const deployment = new apps.Deployment(
    `${resource}-${track}`,
    {
      metadata: {
        name: deploymentName(frame.name, track),
        namespace: scope.namespace,
        labels,
        annotations: { ...scope.owner, ...UNAWAITED, ...OWNED },
      },
      spec: {
        replicas: track === "canary" ? 0 : scope.settings.service.minReplicas,
        // A new pod must be ready before an old one stops.
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: "25%" } },
        minReadySeconds: 5,
        selector: { matchLabels },
        template,
      },
    },
    scope.options(opts, { dependsOn: [...needs], ignoreChanges: [OWNER_PATH, "spec.replicas"] }),
  );
  return { deployment, template };
}

/** For the history, if the pods do not run. */
interface RolloutRecord {
  readonly registry: RegistryInput;
  readonly environment: EnvironmentName;
  readonly modelName: Input<string>;
  readonly version: Input<string>;
  readonly sha256: Input<string>;
  readonly guardedEvidence?: Input<string | undefined>;
}

/** Waits for the pods of a track. */
export const serviceRollout = (
  { resource, scope, opts }: ServiceFrame,
  { deployment, template }: Workload,
  record: RolloutRecord,
  callers: CallersPath,
): Rollout =>
  new Rollout(
    `${resource}-rollout`,
    {
      ...clusterInputs(scope),
      namespace: scope.namespaceName,
      deployment: deployment.metadata.name,
      pods: hashOfPods(deployment.metadata.uid, template),
      template,
      replicas: scope.settings.service.minReplicas,
      callers,
      record,
      timeoutSeconds: scope.settings.rolloutTimeoutSeconds,
    },
    opts,
  );

/** Describes the Service of the stable pods, or of both tracks, which then split the requests by their number of pods. */
export function stableService(
  frame: ServiceFrame,
  port: number,
  tracks: "stable" | "both",
  rollout: Rollout,
): core.Service {
  const { resource, name, labels, scope, opts } = frame;
  const { type } = scope.settings.service;
  // Only Pulumi's await provides a load balancer's address. Other Services have their pods already, because the rollout is complete.
  const annotations = type === "LoadBalancer" ? OWNED : { ...UNAWAITED, ...OWNED };
  return new core.Service(
    `${resource}-service`,
    {
      metadata: { name, namespace: scope.namespace, labels, annotations },
      spec: {
        type,
        selector: podsOf(name, tracks === "stable" ? tracks : undefined),
        ports: [{ name: "http", port, targetPort: "http" }],
      },
    },
    scope.options(opts, { dependsOn: [rollout], ignoreChanges: [UNAWAITED_PATH] }),
  );
}

/** Describes the Service of the canary's pods, for an HTTPRoute, and returns its name. */
export function canaryService(frame: ServiceFrame, port: number): string {
  const { resource, labels, scope, opts } = frame;
  const name = deploymentName(frame.name, "canary");
  // It normally has no pods, so Pulumi must not wait for them.
  const annotations = { ...UNAWAITED, ...OWNED };
  new core.Service(
    `${resource}-canary-service`,
    {
      metadata: { name, namespace: scope.namespace, labels, annotations },
      spec: { selector: podsOf(frame.name, "canary"), ports: [{ name: "http", port, targetPort: "http" }] },
    },
    scope.options(opts),
  );
  return name;
}
