import * as networking from "@pulumi/kubernetes/networking/v1/index.js";
import type * as inputs from "@pulumi/kubernetes/types/input.js";
import type { CustomResourceOptions } from "@pulumi/pulumi";
import type { KubernetesSettings } from "./kubernetes-settings.ts";
import { OWNED } from "./labels.ts";
import type { StackScope } from "./stack-scope.ts";

type Peers = inputs.networking.v1.NetworkPolicyPeer[];
type Egress = inputs.networking.v1.NetworkPolicyEgressRule[];

/** DNS runs in kube-system, or as a cache on the node. */
const DNS: inputs.networking.v1.NetworkPolicyEgressRule = {
  ports: [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ],
};

interface AllowArgs {
  readonly name: string;
  readonly labels: Record<string, string>;
  /** Selects the pods. */
  readonly selector: Record<string, string>;
  /** Port that they listen on; if absent, they accept no callers. */
  readonly port?: number;
  /** Allowed callers; undefined allows all. */
  readonly from?: Peers;
  /** Allowed destinations; DNS is allowed if there is any. */
  readonly to?: Egress;
}

/** Allows only the named traffic of the selected pods and denies all other. */
export function allowOnly(
  resource: string,
  args: AllowArgs,
  scope: StackScope,
  opts: CustomResourceOptions,
): networking.NetworkPolicy {
  const { name, labels, selector, port, from, to = [] } = args;
  return new networking.NetworkPolicy(
    resource,
    {
      metadata: { name, namespace: scope.namespace, labels, annotations: OWNED },
      spec: {
        podSelector: { matchLabels: selector },
        policyTypes: ["Ingress", "Egress"],
        ingress: port ? [{ ...(from && { from }), ports: [{ protocol: "TCP", port }] }] : [],
        egress: to.length > 0 ? [DNS, ...to] : [],
      },
    },
    scope.options(opts),
  );
}

/** Denies all other traffic in the stack's own namespace. A shared namespace is left open. */
export function denyByDefault(resource: string, scope: StackScope, opts: CustomResourceOptions): void {
  new networking.NetworkPolicy(
    resource,
    {
      metadata: { name: "default-deny", namespace: scope.namespace, annotations: OWNED },
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    },
    scope.options(opts),
  );
}

/** Returns the configured callers and the pods of the stack's namespace; undefined, which allows all, if none is configured. */
export function callers({ network }: KubernetesSettings): Peers | undefined {
  const { callerNamespaces, callerCidrs } = network;
  if (callerNamespaces.length + callerCidrs.length === 0) return undefined;
  return [
    { podSelector: {} },
    ...callerNamespaces.map((matchLabels) => ({ namespaceSelector: { matchLabels } })),
    ...callerCidrs.map((cidr) => ({ ipBlock: { cidr } })),
  ];
}

/** Allows ports at any address, because the actual addresses are not known here. */
export const toPorts = (...ports: number[]): Egress => [{ ports: ports.map((port) => ({ protocol: "TCP", port })) }];

export const toPods = (selector: Record<string, string>, port: number): Egress => [
  { to: [{ podSelector: { matchLabels: selector } }], ports: [{ protocol: "TCP", port }] },
];
