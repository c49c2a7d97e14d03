import type * as inputs from "@pulumi/kubernetes/types/input.js";
import { type Input, output } from "@pulumi/pulumi";
import type { KubernetesSettings } from "./kubernetes-settings.ts";
import { SERVICE_PORT, type Track } from "./labels.ts";
import { CONTAINER_SECURITY, podSecurity, TMP_MOUNT, TMP_VOLUME } from "./pod-security.ts";

/** Id of the user `node` in the image node:24-slim. */
const NODE_USER = 1000;
/** The service keeps answering while the pod's address leaves the load balancers. */
const DRAIN_SECONDS = 5;
/** STOP_SECONDS of the service, plus time for the process to exit. */
const STOP_SECONDS = 15;

/** What a pod serves: an image and the model in it. */
export interface Served {
  /** By digest. */
  readonly image: Input<string>;
  readonly version: Input<string>;
  readonly sha256: Input<string>;
}

export interface ServicePodArgs {
  readonly served: Served;
  readonly modelName: Input<string>;
  /** MODEL_CARD of the served version. The stable pods get it together with the version, after a passed trial. */
  readonly card?: Input<Readonly<Record<string, unknown>>> | undefined;
  readonly track: Track;
  readonly labels: Record<string, string>;
  /** Selector of the pods to spread over nodes and zones. */
  readonly selector: Record<string, string>;
  readonly settings: KubernetesSettings;
  /** ConfigMap and Secrets whose keys are environment variables. */
  readonly configMap: Input<string>;
  readonly secrets: readonly Input<string>[];
  /** Secret to pull the image with. */
  readonly pullSecret?: Input<string> | undefined;
}

/** Describes a pod of the inference service: restricted, limited, and drained before it stops. */
export function servicePod(args: ServicePodArgs): inputs.core.v1.PodTemplateSpec {
  const { served, modelName, card, track, selector, settings, configMap, secrets, pullSecret } = args;
  const { service } = settings;
  const probe = (path: string) => ({ httpGet: { path, port: "http" }, timeoutSeconds: 2 });
  const spread = (topologyKey: string) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: selector },
    // Pods of the former version do not count.
    matchLabelKeys: ["pod-template-hash"],
  });
  return {
    metadata: { labels: { ...args.labels, track } },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: podSecurity(NODE_USER),
      terminationGracePeriodSeconds: DRAIN_SECONDS + STOP_SECONDS,
      topologySpreadConstraints: [spread("kubernetes.io/hostname"), spread("topology.kubernetes.io/zone")],
      ...(pullSecret && { imagePullSecrets: [{ name: pullSecret }] }),
      containers: [
        {
          name: "service",
          image: served.image,
          securityContext: CONTAINER_SECURITY,
          ports: [{ name: "http", containerPort: SERVICE_PORT }],
          envFrom: [{ configMapRef: { name: configMap } }, ...secrets.map((name) => ({ secretRef: { name } }))],
          env: [
            { name: "MODEL_NAME", value: modelName },
            { name: "MODEL_VERSION", value: served.version },
            // The service refuses to start with any other files.
            { name: "MODEL_SHA256", value: served.sha256 },
            ...(card ? [{ name: "MODEL_CARD", value: output(card).apply((card) => JSON.stringify(card)) }] : []),
          ],
          resources: {
            requests: { cpu: service.cpu, memory: service.memory },
            limits: { cpu: service.cpuLimit, memory: service.memory },
          },
          // It loads the model before it listens; no other probe runs until then.
          startupProbe: { ...probe("/ready"), periodSeconds: 1, failureThreshold: 60 },
          readinessProbe: { ...probe("/ready"), periodSeconds: 5, failureThreshold: 2 },
          livenessProbe: { ...probe("/health"), periodSeconds: 10, failureThreshold: 3 },
          lifecycle: { preStop: { sleep: { seconds: DRAIN_SECONDS } } },
          volumeMounts: [TMP_MOUNT],
        },
      ],
      volumes: [TMP_VOLUME],
    },
  };
}
