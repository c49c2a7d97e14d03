import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as networking from "@pulumi/kubernetes/networking/v1/index.js";
import type { CustomResourceOptions } from "@pulumi/pulumi";
import type { KubernetesSettings } from "./kubernetes-settings.ts";
import { OWNED } from "./labels.ts";
import type { StackScope } from "./stack-scope.ts";

/** Paths for external callers and for the page; not /metrics. */
const EXACT = ["/predict", "/invocations", "/ping", "/health", "/ready", "/", "/watch", "/docs", "/openapi.json"];
const PREFIXES = ["/v2"];
const paths = <Prefix extends string>(prefix: Prefix): { path: string; type: "Exact" | Prefix }[] => [
  ...EXACT.map((path) => ({ path, type: "Exact" as const })),
  ...PREFIXES.map((path) => ({ path, type: prefix })),
];

type Exposure = NonNullable<KubernetesSettings["exposure"]>;

interface ExposureArgs {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly exposure: Exposure;
  /** Service of the stable pods, and its port. */
  readonly service: string;
  /** Service of the canary's pods. */
  readonly canaryService?: string | undefined;
  readonly port: number;
}

export const exposedUrl = ({ kind, host, tlsSecret, https }: Exposure): string =>
  `${(https ?? (kind === "gateway" || Boolean(tlsSecret))) ? "https" : "http"}://${host}`;

/** Creates an Ingress or an HTTPRoute, as configured. */
export function expose(resource: string, args: ExposureArgs, scope: StackScope, opts: CustomResourceOptions): void {
  if (args.exposure.kind === "ingress") ingress(resource, args, scope, opts);
  else httpRoute(resource, args, scope, opts);
}

function ingress(resource: string, args: ExposureArgs, scope: StackScope, opts: CustomResourceOptions): void {
  const { name, labels, service, port, exposure } = args;
  const { host, tlsSecret, className, annotations } = exposure;
  const backend = { service: { name: service, port: { number: port } } };
  new networking.Ingress(
    resource,
    {
      metadata: { name, namespace: scope.namespace, labels, annotations },
      spec: {
        ...(className && { ingressClassName: className }),
        ...(tlsSecret && { tls: [{ hosts: [host], secretName: tlsSecret }] }),
        rules: [
          { host, http: { paths: paths("Prefix").map(({ path, type }) => ({ path, pathType: type, backend })) } },
        ],
      },
    },
    scope.options(opts),
  );
}

/** Limit of matches per rule in the Gateway API before 1.2. */
const MAX_MATCHES = 8;
const inRules = <Match>(matches: readonly Match[]): Match[][] =>
  Array.from({ length: Math.ceil(matches.length / MAX_MATCHES) }, (_, rule) =>
    matches.slice(rule * MAX_MATCHES, (rule + 1) * MAX_MATCHES),
  );

/** Outside a trial, in which CanaryAnalysis writes the rules, the canary's weight is 0: without pods, its share of requests would fail. */
function httpRoute(resource: string, args: ExposureArgs, scope: StackScope, opts: CustomResourceOptions): void {
  const { name, labels, service, canaryService, port, exposure } = args;
  const { host, annotations, gateway } = exposure;
  const backendRefs = [
    { name: service, port, weight: 100 },
    ...(canaryService ? [{ name: canaryService, port, weight: 0 }] : []),
  ];
  new CustomResource(
    resource,
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { name, namespace: scope.namespace, labels, annotations: { ...annotations, ...OWNED } },
      spec: {
        parentRefs: [gateway],
        hostnames: [host],
        rules: inRules(paths("PathPrefix").map(({ path, type }) => ({ path: { type, value: path } }))).map(
          (matches) => ({ matches, backendRefs }),
        ),
      },
    },
    scope.options(opts),
  );
}
