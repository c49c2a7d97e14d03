import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { loadSettings } from "../../infra/load-settings.ts";

await pulumi.runtime.setMocks(
  { newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: ({ inputs }) => inputs },
  "model-promotion",
  "staging",
);

/** Config as the engine passes it: objects as JSON, the rest as text. */
const CONFIG: Record<string, string> = {
  environment: "staging",
  target: "local",
  modelName: "churn-model",
  mlflow: "{}",
  training: "{}",
  promotion: "{}",
  local: "{}",
  data: '{"training":"train.csv","evaluation":"evaluation.csv"}',
  gate: '{"accuracy":{"min":0.9}}',
  service: '{"port":8000}',
};

function load(changes: Record<string, string> = {}) {
  const entries = Object.entries({ ...CONFIG, ...changes }).map(([key, value]) => [
    key.includes(":") ? key : `model-promotion:${key}`,
    value,
  ]);
  pulumi.runtime.setAllConfig(Object.fromEntries(entries));
  return loadSettings().settings;
}

test("keeps texts of `data` exactly, such as those for missing values", () => {
  const data = {
    training: "a",
    evaluation: "b",
    missing: ["007", -999],
    classes: ["1", "2"],
    positive: "2",
    ignore: [0],
  };
  expect(load({ data: JSON.stringify(data) }).data).toEqual({ ...data, missing: ["007", "-999"], ignore: ["0"] });
});

test("reads objects and plain values", () => {
  expect(load()).toMatchObject({ environment: "staging", gate: { accuracy: { min: 0.9 } }, service: { port: 8000 } });
});

test("reads numbers that `config set --path` wrote as text", () => {
  const settings = load({
    gate: '{"accuracy":{"min":"0.85"}}',
    service: '{"port":"8000","maxLatencyMs":"1e2"}',
    training: '{"params":{"C":"0.1","solver":"lbfgs","shuffle":true}}',
    promotion: '{"version":"2"}',
  });
  expect(settings.gate).toEqual({ accuracy: { min: 0.85 } });
  expect(settings.service).toEqual({ port: 8000, maxLatencyMs: 100 });
  expect(settings.training.params).toEqual({ C: 0.1, solver: "lbfgs", shuffle: true });
  expect(settings.promotion.version).toBe("2");
});

test("names an unknown key of this project, and ignores other namespaces", () => {
  expect(() => load({ gates: "{}" })).toThrow("gates is not a setting (stack staging)");
  expect(() => load({ mlflowPasword: "s3cret" })).toThrow(
    /^mlflowPasword is not a setting \(stack staging\)\. The nearest is mlflowPassword\. Remove it with: pulumi config rm --path mlflowPasword$/,
  );
  const others = { "aws:region": "eu-central-1", mlflowUsername: "u", mlflowPassword: "p", mlflowToken: "t" };
  expect(load(others)).toEqual(load());
});

test("names the key of an object that is not JSON", () => {
  expect(() => load({ gate: "{accuracy" })).toThrow('gate must be an object, got "{accuracy" (stack staging)');
});

test("rejects settings that the service would reject at its start, and shows no token", () => {
  const refused = "the service would refuse to start: ";
  expect(() => load({ serviceApiToken: "s3cr3t8!" })).toThrow(
    `${refused}serviceApiToken is set, but must have at least 16 characters without white space`,
  );
  expect(load({ serviceApiToken: `${"a".repeat(16)}, ${"b".repeat(16)}` }).service.port).toBe(8000);
  const kubernetes = '{"service":{"environment":{"MAX_ROWS":"many","STOP_SECONDS":20}}}';
  expect(() => load({ target: "kubernetes", kubernetes })).toThrow(
    `${refused}kubernetes.service.environment.MAX_ROWS is "many": must be a whole number from 1 to 1000000`,
  );
});

test("throws an error that the engine shows without a stack trace", () => {
  expect(() => load({ target: "k8s" })).toThrow(pulumi.RunError);
});

test("warns about keys that this stack does not use, including secrets, without their values", () => {
  const production = { environment: "production", mlflow: '{"trackingUri":"http://m"}', gateSigningKey: "s3cret" };
  load(production);
  expect(loadSettings().warnings).toEqual([
    expect.stringMatching(/^gate is set, but stack staging does not read it\n/),
    expect.stringMatching(/^gateSigningKey is set, but stack staging does not read it\n/),
  ]);
  expect(loadSettings().warnings.join()).not.toContain("s3cret");
  load();
  expect(loadSettings().warnings).toEqual([]);
});

test("warns about an encrypted registry user name, which Pulumi would mask in every image name", () => {
  const key = "model-promotion:imageRegistryUsername";
  for (const secretKeys of [[], [key]]) {
    load({ imageRegistryUsername: "acme" });
    pulumi.runtime.setAllConfig(pulumi.runtime.allConfig(), secretKeys);
    expect(loadSettings().warnings).toEqual(
      secretKeys.map(() => expect.stringMatching(/^imageRegistryUsername is encrypted\nPulumi masks its text/)),
    );
  }
});
