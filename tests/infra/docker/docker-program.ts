import { production } from "../../../infra/environments/production.ts";
import { staging } from "../../../infra/environments/staging.ts";
import { parseSettings, type StagingSettings } from "../../../infra/settings.ts";
import { dockerTarget } from "../../../infra/targets/docker/docker-target.ts";
import { type Answers, runMocked } from "../helpers/mocked-program.ts";

export const DIGEST = `sha256:${"d".repeat(64)}`;
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
const ANSWERS: Answers = {
  "churn-model-trainer": { stdout: '{"run_id":"r1","version":"3"}' },
  "churn-model-gate": { approvedVersion: "3", modelSha256: MODEL_SHA256, reportUri: "r", accuracy: 0.9 },
  "staging-service": { ports: [{ internal: 8000, external: 49153 }] },
  "production-service": { ports: [{ internal: 8000, external: 49154 }] },
  "staging-check": { verifiedVersion: "3", proofs: ["starts: yes"] },
  "production-check": { verifiedVersion: "3", proofs: ["starts: yes"] },
  "staging-image": { repoDigest: PROVED },
  promotion: { approvedVersion: "3", modelSha256: MODEL_SHA256, provedImage: PROVED },
};

export const BUILD_ARGS = {
  NODE_IMAGE: "node:24",
  MODEL_NAME: "churn-model",
  MODEL_VERSION: "3",
  MODEL_SHA256,
  SOURCE_COMMIT: "c".repeat(40),
};
/** What a context would be; the real one needs a registry. */
export const assemble = async () => ({
  name: "docker.io/acme/churn-model:churn-model-v3-0123456789ab",
  tag: "churn-model-v3-0123456789ab",
  args: BUILD_ARGS,
  path: ".docker/churn-model-v3-0123456789ab",
  dependencies: { hono: "4.0.0" },
});

interface Options {
  readonly settings?: Readonly<Record<string, object>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** What more resources answer. */
  readonly answers?: Answers;
  /** For a program that must not build. */
  readonly assemble?: () => never;
  /** As in the preview of a stack that has nothing yet. */
  readonly preview?: boolean;
}

/** The staging program on target docker, under mocks. */
export function mockedStaging({ settings = {}, secrets = {}, answers = {}, preview }: Options = {}) {
  const raw = {
    ...{ ...BASE, environment: "staging", gate: { accuracy: { min: 0.85 } }, service: { port: 8000 }, mlflow: {} },
    ...settings,
  };
  const program = async () => {
    const parsed = parseSettings(raw, "staging") as StagingSettings;
    return staging(parsed, dockerTarget(parsed, { assemble }));
  };
  return runMocked("staging", secrets, { ...ANSWERS, ...answers }, program, preview);
}

/** The production program on target docker, under mocks. */
export function mockedProduction(options: Options = {}) {
  const raw = {
    ...{ ...BASE, environment: "production", gate: {}, service: { port: 8001 } },
    ...{ mlflow: { trackingUri: "http://127.0.0.1:5050" }, promotion: { version: "3" } },
    ...options.settings,
  };
  const program = async () => {
    const parsed = parseSettings(raw, "production");
    return production(parsed, dockerTarget(parsed, { assemble: options.assemble ?? assemble }));
  };
  return runMocked("production", options.secrets ?? {}, { ...ANSWERS, ...options.answers }, program, options.preview);
}
