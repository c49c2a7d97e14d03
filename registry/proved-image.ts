import type { DeploymentEvidence } from "./evidence.ts";

/** DeploymentEvidence.image of a version that was verified in no container. */
export const NO_IMAGE = "none";

const DIGEST = /@sha256:[0-9a-f]{64}$/;

/** The image in which staging verified a version, by its registry's digest, or why none can be promoted. */
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
      `staging verified it in an image that exists only on that machine (${image}). Name a registry and run staging again: ` +
      "pulumi config set --path image.repository <account>/<name> -s <staging's stack> && pulumi up -s <staging's stack>",
  };
}
