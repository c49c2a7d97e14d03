import { isUnknown } from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { production } from "../../infra/environments/production.ts";
import { staging } from "../../infra/environments/staging.ts";
import { withStagingOutputs } from "../../infra/environments/staging-stack.ts";
import { parseSettings, type Settings, type StagingSettings } from "../../infra/settings.ts";
import { dockerTarget } from "../../infra/targets/docker/docker-target.ts";
import { kubernetesTarget } from "../../infra/targets/kubernetes/kubernetes-target.ts";
import { loadTarget } from "../../infra/targets/load-target.ts";
import type { Target } from "../../infra/targets/target.ts";
import { assemble, MODEL_SHA256, PROVED, WORK } from "./docker/docker-program.ts";
import { type Answers, type Mocked, runMocked } from "./helpers/mocked-program.ts";

// A provider may crash on an unknown map or list, as the docker plugin does on an unknown build.args. A map or list in an update must therefore also be
// one in the first preview of a stack, although its values may be unknown.

const DIGEST = `sha256:${"d".repeat(64)}`;
const REGISTRY = "organization/model-promotion/staging";
const data = { training: "training/data/churn/train.csv", evaluation: "training/data/churn/evaluation.csv" };
const reference = "training/data/churn/reference.csv";
const page = { data: { ...data, reference }, service: { port: 8000, otherUrl: "http://127.0.0.1:8001" } };
const stores = { backendStoreUri: "postgresql://mlflow:word@db/mlflow", artifactRoot: "s3://bucket/mlflow" };
const aws = { mlflowAwsAccessKeyId: "id", mlflowAwsSecretAccessKey: "key" };
const push = { imageRegistryUsername: "robot", imageRegistryPassword: "word" };
const kubernetes = { mlflow: { image: `mlflow@${DIGEST}` } };
const image = { repository: "acme/churn-model", buildNetwork: "host" };
const gateway = { kind: "gateway", host: "churn.example.com", gateway: { name: "public" } };
const trainer = { training: { image: `trainer@${DIGEST}` } };

/** Exempt types: ours, whose providers run only when an update creates them, and Kubernetes', whose plugin accepts unknown maps (its SDK creates one for every Secret). */
const ALLOWED = [
  /^pulumi-nodejs:dynamic\/promotion:DeploymentCheck \S+\.container\.dependencies$/,
  /^kubernetes:core\/v1:Secret \S+\.stringData$/,
  /^kubernetes:core\/v1:ConfigMap \S+\.data$/,
];

interface Case {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** Options that change the declared resources. */
const CASES: Readonly<Record<Settings["target"], Readonly<Record<string, Case>>>> = {
  local: {
    plain: {},
    everything: { settings: page, secrets: { serviceApiToken: "token", mlflowToken: "token" } },
  },
  docker: {
    plain: {},
    "everything, pushed": {
      settings: { ...page, image, mlflow: { image: "build", ...stores } },
      secrets: { ...push, ...aws, serviceApiToken: "token" },
    },
  },
  kubernetes: {
    "an image from here": { settings: { image, kubernetes }, secrets: push },
    "everything, by an Ingress": {
      settings: {
        ...page,
        training: { runner: "job" },
        canary: { percent: 20 },
        kubernetes: {
          ...kubernetes,
          ...trainer,
          image: PROVED,
          pullSecret: "pull",
          serviceMonitor: {},
          exposure: { kind: "ingress", host: "churn.example.com", tlsSecret: "churn-tls" },
          network: { callerNamespaces: [{ name: "web" }], callerCidrs: ["10.0.0.0/8"] },
        },
      },
      secrets: { ...aws, serviceApiToken: "token" },
    },
    "everything, by a Gateway and port-forward": {
      settings: {
        image,
        mlflow: stores,
        canary: { percent: 10 },
        kubernetes: { ...kubernetes, namespace: "shared", access: "port-forward", exposure: gateway },
      },
      secrets: push,
    },
  },
};

const ANSWERS: Answers = {
  "churn-model-trainer": { stdout: '{"run_id":"r1","version":"3"}' },
  "churn-model-trainer-result": { stdout: '{"run_id":"r1","version":"3"}' },
  "churn-model-gate": { approvedVersion: "3", modelSha256: MODEL_SHA256, reportUri: "r", accuracy: 0.9 },
  "staging-image": { repoDigest: PROVED },
  "mlflow-image": { repoDigest: `mlflow@${DIGEST}` },
  "staging-check": { verifiedVersion: "3", proofs: ["starts: yes"] },
  "production-check": { verifiedVersion: "3", proofs: ["starts: yes"] },
  "staging-drift": { bins: "[…]" },
  "production-drift": { bins: "[…]" },
  "staging-canary-analysis": { approved: { image: PROVED, version: "3", sha256: MODEL_SHA256 } },
  "production-canary-analysis": { approved: { image: PROVED, version: "3", sha256: MODEL_SHA256 } },
  promotion: { approvedVersion: "3", modelSha256: MODEL_SHA256, runId: "r1", why: "passed", provedImage: PROVED },
  [REGISTRY]: { outputs: { trackingUri: "http://mlflow:5050" } },
};

const targetOf = async (settings: Settings): Promise<Target> => {
  if (settings.target === "local") return loadTarget(settings);
  return settings.target === "docker" ? dockerTarget(settings, WORK) : kubernetesTarget(settings, { assemble });
};

function run(environment: Settings["environment"], target: Settings["target"], given: Case, preview: boolean) {
  const { mlflow, training, ...settings } = given.settings ?? {};
  const own =
    environment === "staging"
      ? { gate: { accuracy: { min: 0.85 } }, mlflow: mlflow ?? {}, training: training ?? {} }
      : { mlflow: { stack: REGISTRY }, training: {}, promotion: { version: "3" } };
  const raw = {
    environment,
    target,
    modelName: "churn-model",
    data,
    promotion: {},
    local: {},
    service: { port: 8000 },
    ...own,
    ...settings,
  };
  return runMocked(
    environment,
    given.secrets ?? {},
    ANSWERS,
    async () => {
      const parsed = parseSettings(raw, environment);
      const chosen = await targetOf(parsed);
      return environment === "staging"
        ? staging(parsed as StagingSettings, chosen)
        : production(await withStagingOutputs(parsed, true), chosen);
    },
    preview,
  );
}

/** Returns the paths of maps and lists of an update that are entirely unknown in a preview. */
function unknownShapes(updated: unknown, previewed: unknown, path: string): string[] {
  if (!(updated instanceof Object)) return [];
  if (isUnknown(previewed)) return [path];
  return Object.entries(updated).flatMap(([key, value]) =>
    unknownShapes(value, (previewed as Readonly<Record<string, unknown>> | undefined)?.[key], `${path}.${key}`),
  );
}

const unknownInputs = (updated: Mocked, previewed: Mocked) =>
  updated.resources
    .flatMap(({ type, name, inputs }) => unknownShapes(inputs, previewed.resource(name).inputs, `${type} ${name}`))
    .filter((path) => !ALLOWED.some((allowed) => allowed.test(path)));

describe.each(Object.entries(CASES))("target %s", (target, cases) => {
  test.each(
    Object.keys(cases).flatMap((name) => (["staging", "production"] as const).map((stack) => [stack, name] as const)),
  )("%s, %s", { timeout: 60_000 }, async (environment, name) => {
    const asked = cases[name] as Case;
    const updated = await run(environment, target as Settings["target"], asked, false);
    const previewed = await run(environment, target as Settings["target"], asked, true);
    expect(previewed.resources.map((one) => one.name)).toEqual(updated.resources.map((one) => one.name));
    expect(unknownInputs(updated, previewed)).toEqual([]);
  });
});
