import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import type { CustomResourceOptions } from "@pulumi/pulumi";
import type { StackScope } from "./stack-scope.ts";

interface MonitorArgs {
  readonly name: string;
  readonly labels: Record<string, string>;
  /** Selects the services. */
  readonly selector: Record<string, string>;
}

/** Makes the Prometheus operator scrape every pod's /metrics, if configured. */
export function serviceMonitor(
  resource: string,
  args: MonitorArgs,
  scope: StackScope,
  opts: CustomResourceOptions,
): void {
  const monitor = scope.settings.serviceMonitor;
  if (!monitor) return;
  new CustomResource(
    resource,
    {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "ServiceMonitor",
      metadata: { name: args.name, namespace: scope.namespace, labels: { ...args.labels, ...monitor.labels } },
      spec: {
        selector: { matchLabels: args.selector },
        podTargetLabels: ["track"],
        endpoints: [{ port: "http", path: "/metrics", interval: monitor.interval }],
      },
    },
    scope.options(opts),
  );
}
