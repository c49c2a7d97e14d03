import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import type { CustomResourceOptions } from "@pulumi/pulumi";
import type { Place } from "./place.ts";

interface MonitorArgs {
  readonly name: string;
  readonly labels: Record<string, string>;
  /** Selects the services. */
  readonly selector: Record<string, string>;
}

/** Makes the Prometheus operator scrape every pod's /metrics, if configured. */
export function serviceMonitor(resource: string, args: MonitorArgs, place: Place, opts: CustomResourceOptions): void {
  const asked = place.settings.serviceMonitor;
  if (!asked) return;
  new CustomResource(
    resource,
    {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "ServiceMonitor",
      metadata: { name: args.name, namespace: place.namespace, labels: { ...args.labels, ...asked.labels } },
      spec: {
        selector: { matchLabels: args.selector },
        podTargetLabels: ["track"],
        endpoints: [{ port: "http", path: "/metrics", interval: asked.interval }],
      },
    },
    place.options(opts),
  );
}
