import { registryOf } from "../infra/targets/docker/image-plan.ts";

/** How the URN of staging's image ends, on every target that builds one. */
const SERVICE_IMAGE = "$docker:index/image:Image::staging-image";

/** An image in a registry, as signing tools name it. */
export interface PushedImage {
  /** Host, as for `docker login`. */
  readonly registry: string;
  /** Full name without a tag. */
  readonly name: string;
  readonly digest: string;
}

interface State {
  readonly deployment?: { readonly resources?: readonly StateResource[] };
}
interface StateResource {
  readonly urn: string;
  /** The state keeps a replaced resource until it is deleted. */
  readonly delete?: boolean;
  readonly inputs?: { readonly skipPush?: unknown };
  readonly outputs?: { readonly repoDigest?: unknown };
}

/**
 * Finds the image that the update pushed, in an exported state; undefined if it pushed none.
 * @throws Error if its name is encrypted
 */
export function pushedImage({ deployment }: State): PushedImage | undefined {
  const image = deployment?.resources?.find(
    ({ urn, delete: isReplaced }) => urn.endsWith(SERVICE_IMAGE) && !isReplaced,
  );
  if (image === undefined || image.inputs?.skipPush === true) return undefined;
  const reference = image.outputs?.repoDigest;
  if (typeof reference !== "string")
    throw new Error(
      "the image's name in the state is encrypted, because imageRegistryUsername is a secret. Set it without --secret",
    );
  return parseReference(reference);
}

function parseReference(reference: string): PushedImage {
  const [, path = "", digest = ""] = /^([^@\s]+)@(sha256:[0-9a-f]{64})$/.exec(reference) ?? [];
  if (digest === "") throw new Error(`${reference} is not an image by digest: expected <name>@sha256:<64 digits>`);
  const registry = registryOf(path);
  if (!["docker.io", "index.docker.io"].includes(registry)) return { registry, name: path, digest };
  // Attestations require this host for Docker Hub.
  const repository = path.startsWith(`${registry}/`) ? path.slice(registry.length + 1) : path;
  return { registry: "docker.io", name: `index.docker.io/${repository}`, digest };
}
