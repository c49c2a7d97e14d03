import { expect, test } from "vitest";
import { pushedImage } from "../../deploy/pushed-image.ts";

const DIGEST = `sha256:${"a1".repeat(32)}`;
const URN = "urn:pulumi:fraud-staging::model-promotion::promotion:inference:InferenceService";

const state = (repoDigest: unknown, inputs = {}) => ({
  deployment: {
    resources: [
      { urn: `${URN}$docker:index/image:Image::mlflow-image`, outputs: { repoDigest: `mlflow@${DIGEST}` } },
      { urn: `${URN}$docker:index/image:Image::staging-image`, delete: true, outputs: { repoDigest: `old@${DIGEST}` } },
      { urn: `${URN}$docker:index/image:Image::staging-image`, inputs, outputs: { repoDigest } },
    ],
  },
});

test.each([
  ["ghcr.io/acme/churn", "ghcr.io", "ghcr.io/acme/churn"],
  ["localhost:5000/churn", "localhost:5000", "localhost:5000/churn"],
  ["docker.io/acme/churn", "docker.io", "index.docker.io/acme/churn"],
  ["acme/churn", "docker.io", "index.docker.io/acme/churn"],
])("the image %s that staging pushed is named for signing", (path, registry, name) => {
  expect(pushedImage(state(`${path}@${DIGEST}`))).toEqual({ registry, name, digest: DIGEST });
});

test("a stack that pushed nothing has no image to sign", () => {
  expect(pushedImage({})).toBeUndefined();
  expect(pushedImage(state("churn:1", { skipPush: true }))).toBeUndefined();
});

test("an image without a digest, or with an encrypted name, is an error", () => {
  expect(() => pushedImage(state("acme/churn:latest"))).toThrow(
    "acme/churn:latest is not an image by digest: expected <name>@sha256:<64 digits>",
  );
  expect(() => pushedImage(state({ ciphertext: "v1:x" }))).toThrow(
    "the image's name in the state is encrypted, because imageRegistryUsername is a secret. Set it without --secret",
  );
});
