import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";

test("ignores changes of the trainer's environment by key, so that a stack whose inputs a policy pack has encrypted does not train again", async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({
      id: `${name}-id`,
      state: {
        ...inputs,
        stdout: '{"run_id":"r","version":"1"}',
        approvedVersion: "1",
        reportUri: "mlflow-artifacts:/r",
      },
    }),
    call: ({ inputs }) => inputs,
  });
  const { TrainingPipeline } = await import("../../infra/components/training-pipeline.ts");
  const options = new Map<string, pulumi.CustomResourceOptions>();
  const data = (name: string) => ({ path: `${name}.csv`, md5: "0" });
  const pipeline = new TrainingPipeline(
    "model",
    {
      registry: { trackingUri: "http://127.0.0.1:5000" },
      registryUrl: "http://127.0.0.1:5000",
      modelName: "model",
      training: data("training"),
      evaluation: data("evaluation"),
      trainer: { command: "train", params: {}, sourceHash: "0" },
      policy: {} as never,
    },
    {
      transformations: [
        ({ name, opts }) => {
          options.set(name, opts);
          return undefined;
        },
      ],
    },
  );
  await new Promise((resolve) => pipeline.candidateVersion.apply(resolve));
  expect(options.get("model-trainer")?.ignoreChanges).toEqual(["environment.*"]);
});
