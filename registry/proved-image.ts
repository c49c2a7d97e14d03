import type { DeploymentEvidence } from "./evidence.ts";

/** DeploymentEvidence.image of a version that was verified without a container. */
export const NO_IMAGE = "none";

const DIGEST = /@sha256:[0-9a-f]{64}$/;

/** Returns the image in which staging verified a version, by its digest in the image registry, or why no image can be promoted. */
export function provedImage(
  staging: Pick<DeploymentEvidence, "image"> | undefined,
): { readonly image: string } | { readonly refusal: string } {
  const image = staging?.image;
  if (image === undefined || image === NO_IMAGE)
    return {
      refusal: "staging verified it without an image: serve it in staging with target docker or kubernetes first",
    };
  if (DIGEST.test(image)) return { image };
  return {
    refusal:
      `staging verified it in an image that exists only on that machine (${image}). Set an image repository and update staging again: ` +
      "pulumi config set --path image.repository <account>/<name> -s <staging's stack> && pulumi up -s <staging's stack>",
  };
}
