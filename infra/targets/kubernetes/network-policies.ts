import * as networking from "@pulumi/kubernetes/networking/v1/index.js";
import type * as inputs from "@pulumi/kubernetes/types/input.js";
import type { CustomResourceOptions } from "@pulumi/pulumi";
import type { KubernetesSettings } from "./kubernetes-settings.ts";
import { OWNED } from "./labels.ts";
import type { Place } from "./place.ts";

type Peers = inputs.networking.v1.NetworkPolicyPeer[];
type Egress = inputs.networking.v1.NetworkPolicyEgressRule[];

/** Names are looked up in kube-system, or by a cache on the node. */
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
  /** Port that they listen on; without it nobody calls them. */
  readonly port?: number;
  /** Who may call them: undefined is everybody. */
  readonly from?: Peers;
  /** Where they may call; names can be looked up when there is anything. */
  readonly to?: Egress;
}

/** Only what is named may come in and go out; everything else is denied for these pods by their being selected. */
export function allowOnly(
  resource: string,
  args: AllowArgs,
  place: Place,
  opts: CustomResourceOptions,
): networking.NetworkPolicy {
  const { name, labels, selector, port, from, to = [] } = args;
  return new networking.NetworkPolicy(
    resource,
    {
      metadata: { name, namespace: place.namespace, labels, annotations: OWNED },
      spec: {
        podSelector: { matchLabels: selector },
        policyTypes: ["Ingress", "Egress"],
        ingress: port ? [{ ...(from && { from }), ports: [{ protocol: "TCP", port }] }] : [],
        egress: to.length > 0 ? [DNS, ...to] : [],
      },
    },
    place.options(opts),
  );
}

/** In a namespace of our own, what nobody thought of is denied, too. A namespace that others share is not ours to close. */
export function denyTheRest(resource: string, place: Place, opts: CustomResourceOptions): void {
  new networking.NetworkPolicy(
    resource,
    {
      metadata: { name: "default-deny", namespace: place.namespace, annotations: OWNED },
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    },
    place.options(opts),
  );
}

/** The configured callers and, beside them, pods of the own namespace; undefined, everybody, when none is configured. */
export function callers({ network }: KubernetesSettings): Peers | undefined {
  const { callerNamespaces, callerCidrs } = network;
  if (callerNamespaces.length + callerCidrs.length === 0) return undefined;
  return [
    { podSelector: {} },
    ...callerNamespaces.map((matchLabels) => ({ namespaceSelector: { matchLabels } })),
    ...callerCidrs.map((cidr) => ({ ipBlock: { cidr } })),
  ];
}

/** Any place outside, by https, and the database's port: their addresses are not known here. */
export const toPorts = (...ports: number[]): Egress => [{ ports: ports.map((port) => ({ protocol: "TCP", port })) }];

export const toPods = (selector: Record<string, string>, port: number): Egress => [
  { to: [{ podSelector: { matchLabels: selector } }], ports: [{ protocol: "TCP", port }] },
];
