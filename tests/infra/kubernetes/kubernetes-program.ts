import { production } from "../../../infra/environments/production.ts";
import { staging } from "../../../infra/environments/staging.ts";
import { withStagingOutputs } from "../../../infra/environments/staging-stack.ts";
import { parseSettings, type Settings, type StagingSettings } from "../../../infra/settings.ts";
import { type ClusterApi, ClusterError } from "../../../infra/targets/kubernetes/cluster-api.ts";
import { kubernetesTarget } from "../../../infra/targets/kubernetes/kubernetes-target.ts";
import { runMocked } from "../helpers/mocked-program.ts";
import { ASSUMED, MLFLOW_IMAGE, SHA256 } from "./render.ts";

interface Options {
  readonly environment?: Settings["environment"];
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly kubernetes?: object;
  readonly cluster?: ClusterApi;
  /** Further keys of the stack's config. */
  readonly config?: Readonly<Record<string, string>>;
  /** More outputs, by resource. */
  readonly answers?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const ANSWERS = {
  "churn-model-trainer": { stdout: '{"run_id":"r1","version":"7"}' },
  "churn-model-trainer-result": { stdout: '{"run_id":"r1","version":"7"}' },
  "churn-model-gate": { approvedVersion: "7", modelSha256: SHA256, reportUri: "r", accuracy: 0.9 },
  "staging-check": { verifiedVersion: "7", proofs: [] },
  "production-check": { verifiedVersion: "7", proofs: [] },
  promotion: { approvedVersion: "7", modelSha256: SHA256, provedImage: ASSUMED.image, why: "passed" },
};

export function settingsOf({ environment = "staging", settings = {}, kubernetes = {} }: Options): Settings {
  const data = { training: "training/data/churn/train.csv", evaluation: "training/data/churn/evaluation.csv" };
  const own =
    environment === "staging"
      ? { gate: { accuracy: { min: 0.85 } }, mlflow: {} }
      : { mlflow: { trackingUri: "http://mlflow.example" }, promotion: { version: "7" } };
  const raw = {
    environment,
    target: "kubernetes",
    modelName: "churn-model",
    data,
    training: {},
    promotion: {},
    local: {},
    service: { port: 8000 },
    ...own,
    ...settings,
    kubernetes: { mlflow: { image: MLFLOW_IMAGE }, image: ASSUMED.image, ...kubernetes },
  };
  return parseSettings(raw, environment);
}

/** Runs the program on target kubernetes under mocks, recording the options of each resource. */
export function mockedKubernetes(options: Options = {}) {
  const { environment = "staging", cluster, config = {}, answers = {} } = options;
  const all: Record<string, object> = { ...ANSWERS };
  for (const [name, more] of Object.entries(answers)) all[name] = { ...all[name], ...more };
  return runMocked(environment, config, all as typeof ANSWERS, async () => {
    const settings = settingsOf(options);
    const target = await kubernetesTarget(settings, { ...(cluster && { cluster }) });
    return environment === "staging"
      ? staging(settings as StagingSettings, target)
      : production(await withStagingOutputs(settings, true), target);
  });
}

/** A cluster with these objects, by path. */
export const clusterWith = (objects: Readonly<Record<string, object>>): ClusterApi => ({
  get: async (path) => {
    const found = objects[path];
    if (found) return JSON.stringify(found);
    throw new ClusterError(`kubectl get ${path}: not found`, "NotFound");
  },
  put: async () => {},
});
