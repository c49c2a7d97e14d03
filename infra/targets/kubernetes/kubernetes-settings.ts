import { z } from "zod";

const text = z.string().min(1, "must not be empty");
const count = z.int("must be a whole number").min(1, "must be at least 1");
const port = z.int("must be a port").min(1, "must be a port").max(65535, "must be a port");
const quantity = z.string().regex(/^\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/, "must be a quantity such as 500m or 512Mi");
const cpu = z.union([quantity, z.number().positive("must be more than 0")], "must be a quantity").transform(String);
/** DNS-1123 label: what the cluster takes as the name of an object. */
const label = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "must be lower-case letters, digits and dashes, at most 63");
/** Config hands a label such as "1" over as a number. */
const labels = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String));
const host = z.string().regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, "must be a host name such as churn.example.com");
/** A tag may point elsewhere tomorrow; a digest cannot. */
const image = z
  .string()
  .regex(/^\S+@sha256:[0-9a-f]{64}$/, "must name an image by digest: registry/name@sha256:<64 hexadecimal digits>");

const exposure = z.strictObject({
  /** An Ingress, or an HTTPRoute of the Gateway API. */
  kind: z.enum(["ingress", "gateway"], "must be ingress or gateway"),
  host,
  /** Ingress: secret of the namespace with the certificate of `host`. A Gateway holds its own. */
  tlsSecret: label.optional(),
  /** Ingress: its class; without it the cluster's default. */
  className: text.optional(),
  annotations: labels.default({}),
  /** Gateway API: the Gateway to attach to. */
  gateway: z.strictObject({ name: text, namespace: label.optional(), sectionName: text.optional() }).optional(),
  /** Whether callers reach it by https. Default: whether there is a tlsSecret; a Gateway: yes. */
  https: z.boolean().optional(),
});

/** Config of target kubernetes, key `kubernetes`. */
export const kubernetesSettings = z
  .strictObject({
    /** kubeconfig file and its context; without them what kubectl uses. */
    kubeconfig: text.optional(),
    context: text.optional(),
    /** An existing, shared namespace; without it the stack has its own. */
    namespace: label.optional(),
    /** The stack's own namespace, if it already exists: a destroyed stack leaves the one with MLflow's data. */
    existingNamespace: label
      .refine((name) => name !== "default" && !name.startsWith("kube-"), {
        error: "must not be default or kube-…: the stack denies all other traffic in a namespace of its own",
      })
      .optional(),
    /** How this machine reaches what runs in the cluster: by its address, or through `kubectl port-forward`. */
    access: z.enum(["direct", "port-forward"], "must be direct or port-forward").default("direct"),
    /** How long pods may take to run as they should, before the update fails and says why. */
    rolloutTimeoutSeconds: count.default(180),
    /**
     * Name of the cluster, for Pulumi: with the same name another address of its API server, or another context, changes nothing. Set another one to
     * move the stack to another cluster: all objects are then created there.
     */
    clusterIdentifier: text.default("cluster"),
    /** Image with service and model, built elsewhere. Without it staging builds one and production takes staging's. */
    image: image.optional(),
    /** Existing secret of the namespace to pull images with. */
    pullSecret: label.optional(),
    service: z
      .strictObject({
        type: z.enum(["ClusterIP", "LoadBalancer"], "must be ClusterIP or LoadBalancer").default("ClusterIP"),
        minReplicas: count.default(2),
        maxReplicas: count.default(10),
        /** Requested; the limit is `cpuLimit`. The service is one Node process: more than one core does not make it faster. */
        cpu: cpu.default("500m"),
        cpuLimit: cpu.default("1"),
        /** Requested and limit alike: memory is not taken back from a process. */
        memory: quantity.default("512Mi"),
        /** Average use of the requested cpu at which replicas are added, percent. */
        cpuPercent: z.int().min(1, "must be between 1 and 100").max(100, "must be between 1 and 100").default(70),
        /** Where a metrics adapter serves it: the pods' metric of requests in flight and its average a pod. */
        requestsInFlight: z
          .strictObject({ metric: text.default("inference_requests_in_flight"), average: count })
          .optional(),
        /** Further plain settings of the service: MAX_ROWS, STOP_SECONDS. */
        environment: labels.default({}),
      })
      .refine(({ minReplicas, maxReplicas }) => minReplicas <= maxReplicas, {
        error: "must not be less than minReplicas",
        path: ["maxReplicas"],
      })
      .prefault({}),
    exposure: exposure
      .refine(({ kind, gateway }) => kind !== "gateway" || gateway, {
        error: "is missing: an HTTPRoute must name the Gateway it attaches to",
        path: ["gateway"],
      })
      .refine(({ kind, tlsSecret }) => kind !== "gateway" || tlsSecret === undefined, {
        error: "is for an Ingress only: a Gateway terminates TLS itself, with its listener's certificate",
        path: ["tlsSecret"],
      })
      .optional(),
    network: z
      .strictObject({
        /** Labels of the namespaces whose pods may call the service and MLflow, beside the own one. Empty: the service takes all callers. */
        callerNamespaces: z.array(labels).default([]),
        /** CIDR of the API server and other places outside that may call the service, such as a load balancer's. */
        callerCidrs: z.array(z.cidrv4("must be a range such as 10.0.0.0/8")).default([]),
        /** Further TCP ports that the trainer may call, and MLflow with a database or bucket elsewhere: pods' own, where a Service has another. */
        egressPorts: z.array(port).default([]),
      })
      .prefault({}),
    /** A ServiceMonitor for the Prometheus operator, with the labels that it selects by. */
    serviceMonitor: z
      .strictObject({
        labels: labels.default({}),
        interval: z
          .string()
          .regex(/^[1-9]\d*[ms]$/, "must be a time such as 15s or 1m")
          .default("15s"),
      })
      .optional(),
    /** The server that staging describes when there is no mlflow.trackingUri. */
    mlflow: z
      .strictObject({
        image: image.optional(),
        /** An existing volume claim with the server's data: a destroyed stack leaves its own. */
        existingClaim: label.optional(),
        storage: quantity.default("10Gi"),
        storageClass: text.optional(),
        cpu: cpu.default("250m"),
        cpuLimit: cpu.default("2"),
        memory: quantity.default("2Gi"),
      })
      .prefault({}),
    /** Of training.runner job. */
    training: z
      .strictObject({
        /** Image with the trainer and its data. */
        image: image.optional(),
        cpu: cpu.default("2"),
        memory: quantity.default("4Gi"),
        deadlineSeconds: count.default(3600),
      })
      .prefault({}),
  })
  .refine(({ namespace, existingNamespace }) => namespace === undefined || existingNamespace === undefined, {
    error: "cannot be set together with kubernetes.namespace, which may be shared",
    path: ["existingNamespace"],
  });

const share = z.number("must be a number").gt(0, "must be more than 0").max(1, "must be at most 1");

/** Config of the canary, key `canary`; without it a new version takes all traffic once its pods are ready. */
export const canarySettings = z.strictObject({
  /** Share of the requests that the canary gets, percent. Whole: it is a weight of an HTTPRoute. */
  percent: count.max(50, "must be at most 50").default(10),
  /** How long it is watched, seconds. */
  seconds: count.default(300),
  /** How often the pods' metrics are read, seconds. */
  intervalSeconds: z.number("must be a number").positive("must be more than 0").default(10),
  /** By how much its share of failed requests may exceed the stable pods', 0 to 1. */
  errorRateMargin: share.default(0.02),
  /** By what factor its 95th percentile of latency may exceed the stable pods'. */
  latencyFactor: z.number("must be a number").min(1, "must be at least 1").default(1.5),
  /** Below this nothing is slow, milliseconds. */
  latencyFloorMs: z.number("must be a number").min(0, "must not be negative").default(5),
  /** By how much the share of a predicted class may differ from the stable pods', 0 to 1. */
  predictionMargin: share.default(0.1),
  /** Fewer requests or rows than this on either side prove nothing. */
  minRequests: count.default(200),
});

export type KubernetesSettings = z.infer<typeof kubernetesSettings>;
export type CanarySettings = z.infer<typeof canarySettings>;
