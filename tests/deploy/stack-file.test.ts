import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { describeStack, listStacks, readStackFile } from "../../deploy/stack-file.ts";

const PROJECT = `name: model-promotion
config:
  modelName: { type: string, default: churn-model }
  target: { type: string, default: docker }
`;

async function projectWith(stacks: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stacks-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "Pulumi.yaml"), PROJECT);
  for (const [stack, config] of Object.entries(stacks))
    await writeFile(join(folder, `Pulumi.${stack}.yaml`), `config:\n${config}`);
  return folder;
}

test("reads the kind of stack from its file, not its name, with the project's defaults", async () => {
  const folder = await projectWith({
    live: "  model-promotion:environment: production\n",
    "fraud-test": [
      "  model-promotion:environment: staging",
      "  model-promotion:modelName: fraud",
      "  model-promotion:target: local",
      "  model-promotion:mlflow: { trackingUri: http://mlflow.example }",
      "",
    ].join("\n"),
  });
  expect(await listStacks(folder)).toEqual(["fraud-test", "live"]);
  expect(await readStackFile("live", folder)).toEqual({
    stack: "live",
    environment: "production",
    modelName: "churn-model",
    target: "docker",
  });
  expect(await readStackFile("acme/models/fraud-test", folder)).toEqual({
    stack: "acme/models/fraud-test",
    environment: "staging",
    modelName: "fraud",
    target: "local",
    trackingUri: "http://mlflow.example",
  });
});

test("ignores an encrypted tracking URI", async () => {
  const folder = await projectWith({
    live: "  model-promotion:environment: production\n  model-promotion:mlflow: { trackingUri: { secure: v1:abc } }\n",
  });
  expect(await readStackFile("live", folder)).not.toHaveProperty("trackingUri");
});

test("reads the stack whose server production uses, if production has no tracking URI", async () => {
  const mlflow = "  model-promotion:mlflow: { stack: organization/model-promotion/test }\n";
  const folder = await projectWith({
    live: `  model-promotion:environment: production\n${mlflow}`,
    test: `  model-promotion:environment: staging\n${mlflow}`,
  });
  expect(await readStackFile("live", folder)).toMatchObject({ registryStack: "organization/model-promotion/test" });
  expect(await readStackFile("test", folder)).not.toHaveProperty("registryStack");
});

test("rejects a stack without a file or environment, with the remedy", async () => {
  const folder = await projectWith({ live: "  model-promotion:environment: prod\n", other: "  aws:region: x\n" });
  await expect(readStackFile("lvie", folder)).rejects.toThrow(
    `stack lvie has no file ${join(folder, "Pulumi.lvie.yaml")}: the stacks with a file are live, other`,
  );
  await expect(readStackFile("live", folder)).rejects.toThrow(
    'Pulumi.live.yaml must set environment to staging or production, got "prod". Set it with: pulumi config set environment',
  );
  await expect(readStackFile("other", folder)).rejects.toThrow("got null");
  await expect(readStackFile("live", join(folder, "none"))).rejects.toThrow("cannot read the project's folder");
});

const FRAUD_PRODUCTION = [
  "  model-promotion:environment: production",
  "  model-promotion:mlflow: { stack: organization/model-promotion/fraud-staging }",
  "",
].join("\n");

test("production without a model name uses the one in its staging stack's file", async () => {
  const PROJECT_OF_NOW = PROJECT.replace("churn-model", '""');
  const folder = await projectWith({
    "fraud-production": FRAUD_PRODUCTION,
    "fraud-staging": "  model-promotion:environment: staging\n  model-promotion:modelName: fraud\n",
    staging: "  model-promotion:environment: staging\n",
    production: FRAUD_PRODUCTION.replace("fraud-staging", "staging"),
    own: `${FRAUD_PRODUCTION}  model-promotion:modelName: other\n`,
    elsewhere: FRAUD_PRODUCTION.replace("fraud-staging", "not-here"),
    url: FRAUD_PRODUCTION.replace("{", "{ trackingUri: http://mlflow.example,"),
  });
  await writeFile(join(folder, "Pulumi.yaml"), PROJECT_OF_NOW);
  const modelOf = async (stack: string) => (await readStackFile(stack, folder)).modelName;
  expect(await modelOf("fraud-production")).toBe("fraud");
  for (const stack of ["staging", "production", "url"]) expect(await modelOf(stack), stack).toBe("churn-model");
  expect(await modelOf("own")).toBe("other");
  expect(await modelOf("elsewhere")).toBeUndefined();
  expect(describeStack(await readStackFile("elsewhere", folder))).toBe(
    "production of its staging stack's model, target docker",
  );
});
