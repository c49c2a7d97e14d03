import { z } from "zod";
import { ABOUT_KEY } from "../../../data/issue-messages.ts";

const text = z.string().min(1, "must not be empty");
const count = z.int("must be a whole number").min(1, "must be at least 1");
const port = z.int("must be a port").min(1, "must be a port").max(65535, "must be a port");
const quantity = z.string().regex(/^\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/, "must be a quantity such as 500m or 512Mi");
const cpu = z.union([quantity, z.number().positive("must be more than 0")], "must be a quantity").transform(String);
/** DNS-1123 label: valid as the name of an object. */
const label = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "must be lower-case letters, digits and dashes, at most 63");
/** Pulumi's config returns a label such as "1" as a number. */
const labels = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String));
const host = z.string().regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, "must be a host name such as churn.example.com");
/** A tag may move; a digest cannot. */
const image = z
  .string()
  .regex(
    /^\S+@sha256:[0-9a-f]{64}$/,
    "must name an image by digest{got}: registry/name@sha256:<64 hexadecimal digits>",
  );

const exposure = z.strictObject({
  kind: z
    .enum(["ingress", "gateway"], "must be ingress or gateway")
    .describe("Object for external callers: an Ingress, or an HTTPRoute of the Gateway API."),
  host: host.describe("Host name that callers use."),
  tlsSecret: label.optional().describe("Ingress: secret with the certificate of `host`. A Gateway has its own."),
  className: text.optional().describe("Ingress: its class. Default: the cluster's."),
  annotations: labels.default({}).describe("Annotations of the Ingress or HTTPRoute."),
  gateway: z
    .strictObject({
      name: text.describe("Name of the Gateway to attach to."),
      namespace: label.optional().describe("Namespace of the Gateway. Default: the stack's own."),
      sectionName: text.optional().describe("Listener of the Gateway."),
    })
    .optional()
    .describe("Gateway API: the Gateway to attach to."),
  https: z.boolean().optional().describe("Whether callers use https. Default: yes for a Gateway and with `tlsSecret`."),
});

/** Config of target kubernetes, key `kubernetes`. */
export const kubernetesSettings = z
  .strictObject({
    kubeconfig: text.optional().describe("Path of the kubeconfig. Default: kubectl's."),
    context: text.optional().describe("Context in the kubeconfig. Default: the current one."),
    namespace: label
      .optional()
      .describe("An existing namespace that may be shared. Default: the stack creates `<model>-<environment>`."),
    existingNamespace: label
      .refine((name) => name !== "default" && !name.startsWith("kube-"), {
        error: "must not be default or kube-…{got}: the stack denies all other traffic in a namespace of its own",
      })
      .optional()
      .describe("The stack's own namespace, if it already exists: a destroyed stack keeps the one with MLflow's data."),
    access: z
      .enum(["direct", "port-forward"], "must be direct or port-forward")
      .default("direct")
      .describe(
        "How this machine reaches the cluster's services: by their address, or through `kubectl port-forward`.",
      ),
    rolloutTimeoutSeconds: count.default(180).describe("Time limit for pods to become available, in seconds."),
    clusterIdentifier: text
      .default("cluster")
      .describe(
        "Name that identifies the cluster, whatever the address of its API server. Another name moves the stack to another cluster: all objects are created there.",
      ),
    image: image
      .optional()
      .describe(
        "Image with service and model, by digest, built elsewhere. Default: staging builds one and production uses staging's.",
      ),
    pullSecret: label.optional().describe("Existing image pull secret in the namespace."),
    service: z
      .strictObject({
        type: z
          .enum(["ClusterIP", "LoadBalancer"], "must be ClusterIP or LoadBalancer")
          .default("ClusterIP")
          .describe("Type of the Service."),
        minReplicas: count.default(2).describe("Pods that a new Deployment starts with, and the autoscaler's minimum."),
        maxReplicas: count.default(10).describe("Maximum number of pods."),
        cpu: cpu
          .prefault("500m")
          .describe("Requested CPU. The service is one Node process: more than one core does not make it faster."),
        cpuLimit: cpu.prefault("1").describe("CPU limit of a pod."),
        memory: quantity.default("512Mi").describe("Requested memory, and its limit."),
        cpuPercent: z
          .int()
          .min(1, "must be between 1 and 100")
          .max(100, "must be between 1 and 100")
          .default(70)
          .describe("Average use of the requested CPU at which replicas are added, in percent."),
        requestsInFlight: z
          .strictObject({
            metric: text.default("inference_requests_in_flight").describe("Name of the metric in the metrics adapter."),
            average: count.describe(
              "Requests in flight per pod at which replicas are added. Requires a metrics adapter that serves the pods' metric.",
            ),
          })
          .optional()
          .describe("Also scales by requests in flight, if a metrics adapter serves the metric."),
        environment: labels
          .default({})
          .describe("Additional environment variables of the service, such as `MAX_ROWS` or `STOP_SECONDS`."),
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
        ...ABOUT_KEY,
        path: ["tlsSecret"],
      })
      .optional(),
    network: z
      .strictObject({
        callerNamespaces: z
          .array(labels)
          .default([])
          .describe(
            "Labels of other namespaces whose pods may call the service and MLflow. Empty: the service accepts all callers.",
          ),
        callerCidrs: z
          .array(z.cidrv4("must be a range such as 10.0.0.0/8"))
          .default([])
          .describe(
            "IP ranges outside the cluster that may call the service, such as those of the API server and a load balancer.",
          ),
        egressPorts: z
          .array(port)
          .default([])
          .describe(
            "Additional TCP ports that the trainer may call, and MLflow if its database or bucket is elsewhere. In the cluster, these are ports of pods, not of Services.",
          ),
      })
      .prefault({}),
    serviceMonitor: z
      .strictObject({
        labels: labels.default({}).describe("Labels by which the Prometheus operator selects the ServiceMonitor."),
        interval: z
          .string()
          .regex(/^[1-9]\d*[ms]$/, "must be a time such as 15s or 1m")
          .default("15s")
          .describe("Scrape interval."),
      })
      .optional()
      .describe("Creates a ServiceMonitor for the Prometheus operator."),
    mlflow: z
      .strictObject({
        image: image
          .optional()
          .describe("Image of the MLflow server, by digest. Required unless `mlflow.trackingUri` is set."),
        existingClaim: label
          .optional()
          .describe("An existing volume claim with the server's data: a destroyed stack keeps its own."),
        storage: quantity.default("10Gi").describe("Size of the server's volume."),
        storageClass: text.optional().describe("Storage class of the volume. Default: the cluster's."),
        cpu: cpu.prefault("250m").describe("Requested CPU."),
        cpuLimit: cpu.prefault("2").describe("CPU limit."),
        memory: quantity.default("2Gi").describe("Requested memory, and its limit."),
      })
      .prefault({})
      .describe("The MLflow server that staging deploys if `mlflow.trackingUri` is not set."),
    training: z
      .strictObject({
        image: image.optional().describe("Image with the trainer and its data, by digest."),
        cpu: cpu.prefault("2").describe("Requested CPU of the Job."),
        memory: quantity.default("4Gi").describe("Requested memory of the Job, and its limit."),
        deadlineSeconds: count.default(3600).describe("Deadline of the Job, in seconds."),
      })
      .prefault({})
      .describe("The Job of `training.runner: job`."),
  })
  .refine(({ namespace, existingNamespace }) => namespace === undefined || existingNamespace === undefined, {
    error: "cannot be set together with kubernetes.namespace, which may be shared",
    ...ABOUT_KEY,
    path: ["existingNamespace"],
  });

const share = z.number("must be a number").gt(0, "must be more than 0").max(1, "must be at most 1");

/** Config of the canary, key `canary`; without it, a new version takes all traffic once its pods are ready. */
export const canarySettings = z.strictObject({
  percent: count
    .max(50, "must be at most 50")
    .default(10)
    .describe("Share of the requests that the canary gets, in whole percent."),
  seconds: count.default(300).describe("Duration of the trial, in seconds."),
  intervalSeconds: z
    .number("must be a number")
    .positive("must be more than 0")
    .default(10)
    .describe("Interval at which the pods' metrics are read, in seconds."),
  errorRateMargin: share
    .default(0.02)
    .describe("How much the canary's share of failed requests may exceed the stable pods', 0 to 1."),
  latencyFactor: z
    .number("must be a number")
    .min(1, "must be at least 1")
    .default(1.5)
    .describe("Factor by which the canary's 95th percentile of latency may exceed the stable pods'."),
  latencyFloorMs: z
    .number("must be a number")
    .min(0, "must not be negative")
    .default(5)
    .describe("Latencies below this never count as slow, in milliseconds."),
  predictionMargin: share
    .default(0.1)
    .describe("How much the share of a predicted class may differ from the stable pods', 0 to 1."),
  minRequests: count
    .default(200)
    .describe("With fewer requests or rows than this on either side, the canary is inconclusive."),
});

export type KubernetesSettings = z.infer<typeof kubernetesSettings>;
export type CanarySettings = z.infer<typeof canarySettings>;
