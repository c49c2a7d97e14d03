import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { nameModel } from "../../deploy/named-model.ts";
import type { Terminal } from "../../deploy/terminal.ts";

const RUN = { cwd: "." };
const ENV = { MLFLOW_TRACKING_URI: "http://mlflow.example" };
/** A terminal on which the answers are typed in order. */
const typing = (...answers: string[]): Terminal & { readonly asked: string[] } => {
  const asked: string[] = [];
  return {
    asked,
    ask: async (question) => {
      asked.push(question);
      return answers.shift() ?? "";
    },
  };
};

test("--model, or else MODEL_NAME, names the model in the registry at MLFLOW_TRACKING_URI", async () => {
  const named = { modelName: "fraud", trackingUri: "http://mlflow.example" };
  expect(await nameModel({ model: "fraud" }, RUN, undefined, { ...ENV, MODEL_NAME: "churn" })).toEqual(named);
  expect(await nameModel({}, RUN, undefined, { ...ENV, MODEL_NAME: "fraud" })).toEqual(named);
  await expect(nameModel({ model: "fraud" }, RUN, undefined, {})).rejects.toThrow("MLFLOW_TRACKING_URI is not set");
});

test("without a name and a terminal, the error names the missing option", async () => {
  for (const env of [ENV, { ...ENV, MODEL_NAME: "" }])
    await expect(nameModel({}, RUN, undefined, env)).rejects.toThrow(
      "no model given: name the stack with --stack <name>, or the model with --model <name> (or MODEL_NAME)",
    );
});

test("rejects a stack with the name of another model; --stack overrides MODEL_NAME", async () => {
  const given = { stack: "production", model: "fraud" };
  await expect(nameModel(given, RUN, undefined, ENV)).rejects.toThrow(
    "--model fraud is not the model of stack production, which is churn-model: pass only one of them",
  );
  const env = { ...ENV, MODEL_NAME: "fraud" };
  expect(await nameModel({ stack: "production" }, RUN, undefined, env)).toMatchObject({ modelName: "churn-model" });
});

test("rejects an encrypted modelName, which --model can supply", async () => {
  const folder = await mkdtemp(join(tmpdir(), "named-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await copyFile("Pulumi.yaml", join(folder, "Pulumi.yaml"));
  const config = {
    "model-promotion:environment": "production",
    "model-promotion:modelName": { secure: "v1:x" },
    "model-promotion:mlflow": { trackingUri: "http://mlflow.example" },
  };
  await writeFile(join(folder, "Pulumi.live.yaml"), JSON.stringify({ config }));
  const run = { cwd: folder };
  await expect(nameModel({ stack: "live" }, run, undefined, {})).rejects.toThrow(
    "modelName of stack live is encrypted, and this command decrypts nothing. Name the model with --model <name>, " +
      "or set it in plain text: pulumi config set --plaintext modelName <name> --stack live",
  );
  expect(await nameModel({ stack: "live", model: "fraud" }, run, undefined, {})).toMatchObject({
    modelName: "fraud",
    trackingUri: "http://mlflow.example",
  });
});

test("on a terminal, lists the stacks to choose from by number or name", async () => {
  const folder = await mkdtemp(join(tmpdir(), "named-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await copyFile("Pulumi.yaml", join(folder, "Pulumi.yaml"));
  await copyFile("quickstart/Pulumi.production.yaml", join(folder, "Pulumi.production.yaml"));
  await writeFile(join(folder, "Pulumi.broken.yaml"), "config: {}");
  const run = { cwd: folder };
  for (const answer of ["1", "production"]) {
    const terminal = typing(answer);
    expect(await nameModel({}, run, terminal, { MODEL_NAME: "" })).toMatchObject({
      modelName: "churn-model",
      trackingUri: "http://127.0.0.1:5050",
      stack: { stack: "production", environment: "production" },
    });
    expect(terminal.asked).toEqual([
      "Which stack?\n  1  production  production of churn-model, target local\nNumber or name: ",
    ]);
  }
  await expect(nameModel({}, run, typing("2"), {})).rejects.toThrow('"2" is not one of production');
});

/** A project whose stacks have these outputs, or none before their first successful update. */
async function stacksWith(outputs: Readonly<Record<"staging" | "production", object>>) {
  const folder = await mkdtemp(join(tmpdir(), "named-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await copyFile("Pulumi.yaml", join(folder, "Pulumi.yaml"));
  const states = join(folder, "state/.pulumi/stacks/model-promotion");
  await mkdir(states, { recursive: true });
  for (const [stack, its] of Object.entries(outputs)) {
    await copyFile(`Pulumi.${stack}.yaml`, join(folder, `Pulumi.${stack}.yaml`));
    const type = "pulumi:pulumi:Stack";
    const urn = `urn:pulumi:${stack}::model-promotion::${type}::model-promotion-${stack}`;
    const latest = { manifest: {}, resources: [{ urn, custom: false, type, outputs: its }] };
    const checkpoint = { stack: `organization/model-promotion/${stack}`, latest };
    await writeFile(join(states, `${stack}.json`), JSON.stringify({ version: 3, checkpoint }));
  }
  const environment = { PULUMI_BACKEND_URL: `file://${join(folder, "state")}`, PULUMI_CONFIG_PASSPHRASE: "test" };
  return { cwd: folder, engine: "embedded", environment } as const;
}

/** Reading outputs starts a process each time. */
const STARTS_PROCESSES = { timeout: 60_000 };

test(
  "the error for a stack whose first update failed has the remedies, such as MLFLOW_TRACKING_URI",
  STARTS_PROCESSES,
  async () => {
    const run = await stacksWith({ staging: {}, production: {} });
    await expect(nameModel({ stack: "staging" }, run, undefined, {})).rejects.toThrow(
      "stack staging has not completed an update yet, so the registry's URL is unknown. " +
        "Run pulumi up -s staging until it succeeds, or set MLFLOW_TRACKING_URI to the URL of the MLflow server",
    );
    await expect(nameModel({ stack: "production" }, run, undefined, {})).rejects.toThrow(
      "neither stack production nor stack organization/model-promotion/staging has completed an update yet, " +
        "so the registry's URL is unknown. Run pulumi up -s staging until it succeeds, ",
    );
    expect(await nameModel({ stack: "staging" }, run, undefined, ENV)).toMatchObject({
      trackingUri: "http://mlflow.example",
    });
  },
);

test("production without a completed update uses the registry of its staging stack", STARTS_PROCESSES, async () => {
  const run = await stacksWith({ staging: { trackingUri: "http://127.0.0.1:5050" }, production: {} });
  expect(await nameModel({ stack: "production" }, run, undefined, {})).toMatchObject({
    trackingUri: "http://127.0.0.1:5050",
  });
});
