import { beforeAll, expect, test } from "vitest";
import { ASSUMED, askedOf, only, render } from "./render.ts";

// The first run loads the program and the SDK.
beforeAll(() => render(), 60_000);

const containerImage = async (options: object) => {
  const deployment = only(await render(options), "Deployment", "churn-model-production");
  return (deployment as never as { spec: { template: { spec: { containers: { image: string }[] } } } }).spec.template
    .spec.containers[0]?.image;
};

test("production runs the image that staging verified, regardless of its config", async () => {
  const other = `registry.example/other@sha256:${"9".repeat(64)}`;
  expect(await containerImage({ environment: "production", kubernetes: { image: other } })).toBe(ASSUMED.image);
});

test("production requires an image from the guard", async () => {
  const promotion = (await askedOf({ environment: "production" })).find(({ name }) => name === "promotion");
  expect(promotion?.inputs).toMatchObject({ needsImage: true });
});

test("records staging's verification for the image that it runs", async () => {
  const check = (await askedOf()).find(({ name }) => name === "staging-check");
  expect(check?.inputs).toMatchObject({ image: ASSUMED.image, instance: expect.stringContaining(ASSUMED.image) });
});

test("rejects a local image, because a cluster cannot pull from this machine", async () => {
  const { kubernetesTarget } = await import("../../../infra/targets/kubernetes/kubernetes-target.ts");
  const { parseSettings } = await import("../../../infra/settings.ts");
  const data = { training: "train.csv", evaluation: "evaluation.csv" };
  const settings = parseSettings(
    {
      environment: "staging",
      target: "kubernetes",
      modelName: "churn-model",
      mlflow: {},
      data,
      training: {},
      gate: { accuracy: { min: 0.85 } },
      service: { port: 8000 },
      promotion: {},
      local: {},
    },
    "staging",
  );
  await expect(kubernetesTarget(settings)).rejects.toThrow(
    "image.repository is missing: a cluster pulls images from a registry. Set it with: pulumi config set --path image.repository",
  );
});
