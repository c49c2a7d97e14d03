import type { DeploymentEvidence } from "./evidence.ts";

/** DeploymentEvidence.image of a version that was verified in no container. */
export const NO_IMAGE = "none";

const DIGEST = /@sha256:[0-9a-f]{64}$/;

/** The image in which staging has proved a version, by its registry's digest; or why there is none that can be promoted. */
export function provedImage(
  staging: Pick<DeploymentEvidence, "image"> | undefined,
): { readonly image: string } | { readonly refusal: string } {
  const image = staging?.image;
  if (image === undefined || image === NO_IMAGE)
    return { refusal: "staging proved it in no image: let it serve in staging with target docker or kubernetes first" };
  if (DIGEST.test(image)) return { image };
  return {
    refusal:
      `staging proved it in an image that is on that machine only (${image}): say where images go and run staging again: ` +
      "pulumi config set --path image.repository <account>/<name> -s staging && pulumi up -s staging",
  };
}
