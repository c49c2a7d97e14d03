import * as autoscaling from "@pulumi/kubernetes/autoscaling/v2/index.js";
import * as policy from "@pulumi/kubernetes/policy/v1/index.js";
import type { CustomResourceOptions } from "@pulumi/pulumi";
import { OWNED } from "./labels.ts";
import type { StackScope } from "./stack-scope.ts";

interface ScalingArgs {
  /** Name of the Deployment and of the objects created for it. */
  readonly name: string;
  readonly labels: Record<string, string>;
  /** Selects its pods. */
  readonly selector: Record<string, string>;
}

/** Scales replicas by CPU and, if a metrics adapter serves them, by requests in flight. */
export function autoscaler(resource: string, args: ScalingArgs, scope: StackScope, opts: CustomResourceOptions): void {
  const { minReplicas, maxReplicas, cpuPercent, requestsInFlight } = scope.settings.service;
  const cpu = {
    type: "Resource",
    resource: { name: "cpu", target: { type: "Utilization", averageUtilization: cpuPercent } },
  };
  const inFlight = requestsInFlight && {
    type: "Pods",
    pods: {
      metric: { name: requestsInFlight.metric },
      target: { type: "AverageValue", averageValue: String(requestsInFlight.average) },
    },
  };
  new autoscaling.HorizontalPodAutoscaler(
    resource,
    {
      metadata: { name: args.name, namespace: scope.namespace, labels: args.labels, annotations: OWNED },
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: args.name },
        minReplicas,
        maxReplicas,
        metrics: inFlight ? [cpu, inFlight] : [cpu],
        // Scales up immediately and down slowly, because a pod takes seconds to become ready.
        behavior: { scaleDown: { stabilizationWindowSeconds: 300 } },
      },
    },
    scope.options(opts),
  );
}

/** Lets nodes drain one pod at a time. */
export function disruptionBudget(
  resource: string,
  args: ScalingArgs,
  scope: StackScope,
  opts: CustomResourceOptions,
): void {
  new policy.PodDisruptionBudget(
    resource,
    {
      metadata: { name: args.name, namespace: scope.namespace, labels: args.labels, annotations: OWNED },
      spec: {
        maxUnavailable: 1,
        selector: { matchLabels: args.selector },
        // A pod that is not ready serves no callers and must not block a drain.
        unhealthyPodEvictionPolicy: "AlwaysAllow",
      },
    },
    scope.options(opts),
  );
}
