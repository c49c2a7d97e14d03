import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../infra/settings.ts";

export interface Declared {
  readonly type: string;
  readonly name: string;
  /** Inputs without the stored code of a dynamic provider. */
  readonly inputs: Record<string, unknown>;
}

const ARTIFACTS = `mlflow-artifacts:/1/${"c".repeat(32)}/artifacts/gate`;
const UI = `http://127.0.0.1:5050/#/experiments/1/runs/${"c".repeat(32)}/artifacts/gate`;
/** URI of a gate's report, and its page in MLflow's UI. */
export const REPORT = `${ARTIFACTS}/report-1.json`;
export const REPORT_URL = `${UI}/report-1.html?workflowType=machine_learning`;
/** The page of the version's last report, and its folder in MLflow's UI. */
const REPORT_PAGE = `${ARTIFACTS}/report.html`;
export const PAGE_URL = `${UI}/report.html?workflowType=machine_learning`;
export const FOLDER_URL = UI;

/** Outputs that the program reads from a resource and that are not inputs. */
const OUTPUTS: Readonly<Record<string, object>> = {
  "command:local:Command": { stdout: 'trained\n{"run_id":"r","version":"3"}' },
  "pulumi-nodejs:dynamic/promotion:QualityGate": {
    approvedVersion: "3",
    modelUri: "models:/churn-model/3",
    modelSha256: "a".repeat(64),
    verdict: "passed",
    reportUri: REPORT,
    reportPage: REPORT_PAGE,
    accuracy: 0.8975,
  },
  "pulumi-nodejs:dynamic/promotion:Promotion": {
    approvedVersion: "1",
    modelSha256: "b".repeat(64),
    runId: "r",
    why: "passed, proved",
    gateReport: REPORT,
    reportPage: REPORT_PAGE,
    driftReference: "[bins]",
  },
  "pulumi-nodejs:dynamic/promotion:ModelFolder": { path: ".local/models/digest" },
  "pulumi-nodejs:dynamic/promotion:LocalProcess": { instance: "1@2" },
  "pulumi-nodejs:dynamic/promotion:LocalService": { instance: "1@2", url: "http://127.0.0.1:40000" },
  "pulumi-nodejs:dynamic/promotion:DeploymentCheck": { proofs: ["starts: /ready answered 200"] },
  "pulumi:pulumi:StackReference": { outputs: { trackingUri: "http://127.0.0.1:5050" } },
};

/** Runs the program with this config; returns its resources, sorted by name, and its outputs. */
export async function runProgram(
  config: Readonly<Record<string, unknown>>,
  secrets: readonly string[] = [],
  answers: Readonly<Record<string, object>> = {},
) {
  const declared: Declared[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs: { __provider: _, ...inputs } }) => {
        declared.push({ type, name, inputs });
        const bins = type.endsWith(":DriftBins") && { bins: inputs.ofGate ?? "[bins of the snapshot]" };
        const verified = type.endsWith(":DeploymentCheck") && { verifiedVersion: inputs.version };
        return { id: `${name}-id`, state: { ...inputs, ...OUTPUTS[type], ...bins, ...verified, ...answers[type] } };
      },
      call: ({ inputs }) => inputs,
    },
    "model-promotion",
    "test",
    false,
  );
  const entries = Object.entries(config).map(([key, value]) => [
    `model-promotion:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  pulumi.runtime.setAllConfig(
    Object.fromEntries(entries),
    secrets.map((key) => `model-promotion:${key}`),
  );
  const { default: program } = await import("../../infra/index.ts");
  const outputs = await program();
  const values: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(outputs)) values[key] = await promiseOf(pulumi.output(value));
  await pulumi.runtime.disconnect();
  return { declared: declared.toSorted((a, b) => (a.name < b.name ? -1 : 1)), outputs: values };
}

const promiseOf = (output: pulumi.Output<unknown>) => new Promise((done) => output.apply(done));

/** Returns a resource by name. */
export function named(declared: readonly Declared[], name: string): Declared {
  const found = declared.find((resource) => resource.name === name);
  if (!found) throw new Error(`no resource ${name} among ${declared.map((resource) => resource.name).join(", ")}`);
  return found;
}

/** The smallest config of a stack on the local target. */
export const configOf = (environment: Settings["environment"], changes: Readonly<Record<string, unknown>> = {}) => ({
  environment,
  target: "local",
  modelName: "churn-model",
  training: {},
  promotion: {},
  local: {},
  mlflow: {},
  data: { training: "training/data/churn/train.csv", evaluation: "training/data/churn/evaluation.csv" },
  ...(environment === "staging" && { gate: { accuracy: { min: 0.85 } } }),
  service: { port: environment === "staging" ? 8000 : 8001 },
  ...changes,
});
