import { generateKeyPairSync } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import type { RegisteredResource } from "../../../infra/render/render-stack.ts";
import { mockedKubernetes } from "./kubernetes-program.ts";
import { ASSUMED, askedOf, EVERYTHING, names, only, ROUTED, render, SHA256 } from "./render.ts";

// The first run loads the program and the SDK.
beforeAll(() => askedOf(), 60_000);

const tokens = (asked: readonly RegisteredResource[]) => asked.map(({ type, name }) => `${type} ${name}`).sort();

test("staging has exactly these resources", async () => {
  expect(tokens(await askedOf())).toEqual([
    "command:local:Command churn-model-trainer",
    "kubernetes:apps/v1:Deployment mlflow-server",
    "kubernetes:apps/v1:Deployment staging-stable",
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler staging-scaling",
    "kubernetes:core/v1:ConfigMap staging-config",
    "kubernetes:core/v1:Namespace namespace",
    "kubernetes:core/v1:PersistentVolumeClaim mlflow-data",
    "kubernetes:core/v1:Service mlflow-service",
    "kubernetes:core/v1:Service staging-service",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy default-deny",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy mlflow-network",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy staging-network",
    "kubernetes:policy/v1:PodDisruptionBudget staging-disruption",
    "promotion:inference:InferenceService staging",
    "promotion:training:TrainingPipeline churn-model",
    "pulumi-nodejs:dynamic/promotion:DeploymentCheck staging-check",
    "pulumi-nodejs:dynamic/promotion:FreshName staging-config-name",
    "pulumi-nodejs:dynamic/promotion:KeptClaim mlflow-data-kept",
    "pulumi-nodejs:dynamic/promotion:QualityGate churn-model-gate",
    "pulumi-nodejs:dynamic/promotion:RegistryStage staging-stage",
    "pulumi-nodejs:dynamic/promotion:Rollout mlflow-rollout",
    "pulumi-nodejs:dynamic/promotion:Rollout staging-rollout",
    "pulumi:providers:kubernetes cluster",
  ]);
});

test("production has exactly these resources: nothing trains, builds or stores data", async () => {
  const asked = await askedOf({ environment: "production" });
  expect(tokens(asked)).toEqual([
    "kubernetes:apps/v1:Deployment production-stable",
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler production-scaling",
    "kubernetes:core/v1:ConfigMap production-config",
    "kubernetes:core/v1:Namespace namespace",
    "kubernetes:core/v1:Service production-service",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy default-deny",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy production-network",
    "kubernetes:policy/v1:PodDisruptionBudget production-disruption",
    "promotion:inference:InferenceService production",
    "pulumi-nodejs:dynamic/promotion:DeploymentCheck production-check",
    "pulumi-nodejs:dynamic/promotion:DriftBins production-drift",
    "pulumi-nodejs:dynamic/promotion:FreshName production-config-name",
    "pulumi-nodejs:dynamic/promotion:Promotion promotion",
    "pulumi-nodejs:dynamic/promotion:RegistryStage production-stage",
    "pulumi-nodejs:dynamic/promotion:Rollout production-rollout",
    "pulumi-nodejs:dynamic/promotion:RolloutStart production-rollout-start",
    "pulumi:providers:kubernetes cluster",
  ]);
});

test("a configured namespace is neither created nor isolated, and names in it do not collide", async () => {
  const own = names(await render({ environment: "production" }));
  const given = await render({ environment: "production", kubernetes: { namespace: "shared" } });
  expect(own.filter((name) => !names(given).includes(name))).toEqual([
    "Namespace churn-model-production",
    "NetworkPolicy default-deny",
  ]);
  expect(given.map(({ metadata }) => metadata.namespace)).toEqual(given.map(() => "shared"));
});

test("the stack's own namespace enforces the restricted profile", async () => {
  expect(only(await render(), "Namespace").metadata).toMatchObject({
    name: "churn-model-staging",
    labels: { "pod-security.kubernetes.io/enforce": "restricted" },
  });
});

test("the service starts with the minimum number of pods; its manifest leaves the number to the autoscaler", async () => {
  const [asked] = (await askedOf({ kubernetes: { service: { minReplicas: 3 } } })).filter(
    ({ name }) => name === "staging-stable",
  );
  expect(asked?.inputs.spec).toMatchObject({ replicas: 3 });
  const { spec } = only(await render(), "Deployment", "churn-model-staging");
  expect(spec).not.toHaveProperty("replicas");
});

test("the service: an image by digest, the approved model, and a drain before it stops", async () => {
  const { spec } = only(await render(), "Deployment", "churn-model-staging") as never as { spec: DeploymentSpec };
  expect(spec.strategy).toEqual({ type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: "25%" } });
  const { containers, terminationGracePeriodSeconds, automountServiceAccountToken } = spec.template.spec;
  expect(automountServiceAccountToken).toBe(false);
  const [container] = containers;
  expect(container).toMatchObject({
    image: ASSUMED.image,
    env: [
      { name: "MODEL_NAME", value: "churn-model" },
      { name: "MODEL_VERSION", value: "7" },
      { name: "MODEL_SHA256", value: SHA256 },
      { name: "MODEL_CARD", value: '{"metrics":{}}' },
    ],
    startupProbe: { httpGet: { path: "/ready" } },
    readinessProbe: { httpGet: { path: "/ready" } },
    livenessProbe: { httpGet: { path: "/health" } },
    lifecycle: { preStop: { sleep: { seconds: 5 } } },
  });
  // STOP_SECONDS of the service is 10 by default.
  expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual(5 + 10);
});

test("a pod's page gets drift bins and the other environment's URL, which it may call", async () => {
  const manifests = await render({
    reference: "training/data/churn/reference.csv",
    otherUrl: "http://other.example:8001",
  });
  const config = manifests.find(
    ({ kind, metadata }) => kind === "ConfigMap" && metadata.name.startsWith("churn-model-"),
  );
  const { data } = config as never as { data: Record<string, string> };
  expect(data.OTHER_URL).toBe("http://other.example:8001");
  expect(JSON.parse(data.DRIFT_REFERENCE ?? "")).toContainEqual({
    name: expect.any(String),
    edges: expect.any(Array),
    shares: expect.any(Array),
  });
  const { spec } = only(manifests, "NetworkPolicy", "churn-model-staging") as never as { spec: { egress: object[] } };
  const ports = [8001, 8000].map((port) => ({ protocol: "TCP", port }));
  expect(spec.egress).toContainEqual({ ports });
});

interface DeploymentSpec {
  readonly replicas: number;
  readonly strategy: object;
  readonly template: {
    readonly spec: {
      readonly containers: readonly object[];
      readonly terminationGracePeriodSeconds: number;
      readonly automountServiceAccountToken: boolean;
    };
  };
}

test("all options: exactly the objects that the config adds", async () => {
  const [plain, all] = [names(await render()), names(await render(EVERYTHING))];
  const added = all.filter((name) => !plain.includes(name)).map((name) => name.replace(/[0-9a-f]{10}$/, "<hash>"));
  expect(added).toEqual([
    "ConfigMap churn-model-staging-<hash>", // MAX_ROWS is in it
    "Deployment churn-model-staging-canary",
    "Ingress churn-model-staging",
    "Job churn-model-training-<hash>",
    "NetworkPolicy churn-model-training",
    "Secret churn-model-staging-<hash>",
    "Secret churn-model-training-<hash>",
    "Secret mlflow-<hash>",
    "ServiceMonitor churn-model-staging",
  ]);
});

test("pods verify the gate's signature, regardless of the variables in the config", async () => {
  const gatePublicKey = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString();
  const kubernetes = { service: { environment: { GATE_PUBLIC_KEY: "", MAX_ROWS: "5" } } };
  for (const environment of ["staging", "production"] as const) {
    const manifests = await render({ environment, kubernetes, gatePublicKey });
    const { data } = only(manifests, "ConfigMap") as { data?: Record<string, string> };
    expect(data).toMatchObject({ GATE_PUBLIC_KEY: gatePublicKey, MAX_ROWS: "5" });
  }
});

test("a Gateway's route has a service for each track, and sends the idle canary no requests", async () => {
  const manifests = await render(ROUTED);
  const backendRefs = [
    { name: "churn-model-staging", weight: 100 },
    { name: "churn-model-staging-canary", weight: 0 },
  ];
  expect(only(manifests, "HTTPRoute")).toMatchObject({
    spec: {
      parentRefs: [{ name: "public", namespace: "gateways" }],
      rules: [{ backendRefs }, { backendRefs }],
    },
  });
  for (const [service, track] of [
    ["churn-model-staging", "stable"],
    ["churn-model-staging-canary", "canary"],
  ] as const)
    expect(only(manifests, "Service", service)).toMatchObject({ spec: { selector: { track } } });
});

test("without a route, one service selects both tracks, which share requests by their number", async () => {
  const { spec } = only(await render(EVERYTHING), "Service", "churn-model-staging") as never as {
    spec: { selector: Record<string, string> };
  };
  expect(spec.selector).not.toHaveProperty("track");
});

test("the autoscaler also uses requests in flight if a metrics adapter is configured", async () => {
  const metrics = async (options?: object) =>
    (only(await render(options), "HorizontalPodAutoscaler") as never as { spec: { metrics: { type: string }[] } }).spec
      .metrics;
  expect((await metrics()).map(({ type }) => type)).toEqual(["Resource"]);
  expect(await metrics(EVERYTHING)).toMatchObject([
    { resource: { name: "cpu", target: { averageUtilization: 70 } } },
    { type: "Pods", pods: { metric: { name: "inference_requests_in_flight" }, target: { averageValue: "20" } } },
  ]);
});

test("the canary analysis knows versions that production has served before, except from the state of an earlier release", async () => {
  const analysis = async (wasInProduction: boolean | undefined) =>
    (
      await mockedKubernetes({
        environment: "production",
        settings: { canary: { percent: 20 } },
        answers: { promotion: { wasInProduction } },
      })
    ).resource("production-canary-analysis").inputs;
  expect(await analysis(true)).toMatchObject({ wasInProduction: true });
  expect(await analysis(undefined)).not.toHaveProperty("wasInProduction");
});

test("the idle canary has no pods, and its analysis decides what the stable pods run", async () => {
  const asked = await askedOf(EVERYTHING);
  const find = (name: string) => asked.find((one) => one.name === name)?.inputs;
  expect(find("staging-canary")).toMatchObject({
    spec: { replicas: 0, template: { metadata: { labels: { track: "canary" } } } },
  });
  expect(find("staging-canary-analysis")).toMatchObject({
    candidate: { image: ASSUMED.image, version: "7", sha256: SHA256 },
    stable: "churn-model-staging",
    canary: "churn-model-staging-canary",
    canaryPods: "app.kubernetes.io/instance=churn-model-staging,app.kubernetes.io/component=inference,track=canary",
    percent: 20,
    seconds: 300,
  });
});
