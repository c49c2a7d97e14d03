import { expect, test } from "vitest";
import { provedImage } from "../../registry/proved-image.ts";

const DIGEST = `docker.io/acme/churn-model@sha256:${"d".repeat(64)}`;

test("returns the image that staging verified, by its registry digest", () => {
  expect(provedImage({ image: DIGEST })).toEqual({ image: DIGEST });
});

test.each([`sha256:${"d".repeat(64)}`, "acme/churn-model:latest", `${DIGEST}0`, `${DIGEST}\nx`])(
  "nothing else can be promoted: %j is refused, with the way out",
  (image) => {
    const { refusal } = provedImage({ image }) as { refusal: string };
    expect(refusal).toContain(`only on that machine (${image})`);
    expect(refusal).toContain("pulumi config set --path image.repository");
  },
);

test.each([undefined, {}, { image: "none" }])(
  "a version that staging verified without an image is refused: %j",
  (staging) => {
    expect(provedImage(staging)).toMatchObject({ refusal: expect.stringContaining("without an image") });
  },
);
