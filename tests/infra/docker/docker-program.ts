import { production } from "../../../infra/environments/production.ts";
import { staging } from "../../../infra/environments/staging.ts";
import { withStagingOutputs } from "../../../infra/environments/staging-stack.ts";
import { parseSettings, type StagingSettings } from "../../../infra/settings.ts";
import { dockerTarget } from "../../../infra/targets/docker/docker-target.ts";
import type { EngineContainer } from "../../../infra/targets/docker/engine-containers.ts";
import type { TargetSecrets } from "../../../infra/targets/target-secrets.ts";
import { type Answers, runMocked } from "../helpers/mocked-program.ts";

export const DIGEST = `sha256:${"d".repeat(64)}`;
export const MLFLOW_BY_DIGEST = `ghcr.io/mlflow/mlflow@${DIGEST}`;
export const PROVED = `docker.io/acme/churn-model@${DIGEST}`;
export const MODEL_SHA256 = "a".repeat(64);

export const DATA = { training: "training/data/churn/train.csv", evaluation: "training/data/churn/evaluation.csv" };
const BASE = {
  target: "docker",
  modelName: "churn-model",
  data: DATA,
  training: {},
  promotion: {},
  local: {},
};
/** The guard's outputs. */
export const PROMOTED = { driftReference: "", approvedVersion: "3", modelSha256: MODEL_SHA256, provedImage: PROVED };
export const STAGING = {
  ...BASE,
  environment: "staging",
  gate: { accuracy: { min: 0.85 } },
  service: { port: 8000 },
  mlflow: {},
};
const ANSWERS: Answers = {
  "churn-model-trainer": { stdout: '{"run_id":"r1","version":"3"}' },
  "churn-model-gate": { approvedVersion: "3", modelSha256: MODEL_SHA256, reportUri: "r", accuracy: 0.9 },
  "staging-service": { ports: [{ internal: 8000, external: 49153 }] },
  "production-service": { ports: [{ internal: 8000, external: 49154 }] },
  "staging-check": { verifiedVersion: "3", proofs: ["starts: yes"] },
  "production-check": { verifiedVersion: "3", proofs: ["starts: yes"] },
  "staging-image": { repoDigest: PROVED },
  "mlflow-image": { repoDigest: MLFLOW_BY_DIGEST },
  promotion: PROMOTED,
};

export const BUILD_ARGS = {
  NODE_IMAGE: "node:24",
  MODEL_NAME: "churn-model",
  MODEL_VERSION: "3",
  MODEL_SHA256,
  SOURCE_COMMIT: "c".repeat(40),
};
/** Stands for the build context, which requires a registry. */
export const assemble = async () => ({
  name: "docker.io/acme/churn-model:churn-model-v3-0123456789ab",
  tag: "churn-model-v3-0123456789ab",
  args: BUILD_ARGS,
  path: ".docker/churn-model-v3-0123456789ab",
  dependencies: { hono: "4.0.0" },
});

/** Creation time of a test's containers. */
export const GENERATION = "2026-01-01T00:00:00.000Z";
export const WORK = { assemble, containers: async () => [], now: () => GENERATION };

/** Labels of a first container. */
export const madeFor = (stack: string) => [
  { label: "model-promotion.stack", value: `model-promotion/${stack}` },
  { label: "model-promotion.generation", value: GENERATION },
];

interface Options {
  readonly settings?: Readonly<Record<string, object>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Credentials of a program that uses the library. Default: those of the config. */
  readonly credentials?: TargetSecrets;
  /** Outputs of further resources. */
  readonly answers?: Answers;
  /** Replacement for a program that must not build. */
  readonly assemble?: () => never;
  /** Whether to run as in the first preview of a stack. */
  readonly preview?: boolean;
  /** Containers that the Docker engine already has. */
  readonly containers?: readonly EngineContainer[];
}

/** Runs the staging program on target docker, under mocks. */
export function mockedStaging(options: Options = {}) {
  const { settings = {}, secrets = {}, answers = {}, preview, containers = [], credentials } = options;
  const raw = { ...STAGING, ...settings };
  const program = async () => {
    const parsed = parseSettings(raw, "staging") as StagingSettings;
    const work = { ...WORK, containers: async () => [...containers], ...(credentials && { secrets: credentials }) };
    return staging(parsed, await dockerTarget(parsed, work));
  };
  return runMocked("staging", secrets, { ...ANSWERS, ...answers }, program, preview);
}

/** Runs the production program on target docker, under mocks. */
export function mockedProduction(options: Options = {}) {
  const raw = {
    ...BASE,
    environment: "production",
    gate: {},
    service: { port: 8001 },
    mlflow: { trackingUri: "http://127.0.0.1:5050" },
    promotion: { version: "3" },
    ...options.settings,
  };
  const program = async () => {
    const parsed = parseSettings(raw, "production");
    const { containers = [] } = options;
    const work = { ...WORK, assemble: options.assemble ?? assemble, containers: async () => [...containers] };
    return production(await withStagingOutputs(parsed, true), await dockerTarget(parsed, work));
  };
  return runMocked("production", options.secrets ?? {}, { ...ANSWERS, ...options.answers }, program, options.preview);
}
