import { createHash } from "node:crypto";
import type { ImageSettings } from "./docker-settings.ts";

/** Inputs of an image, as plain values. */
export interface ImageIngredients {
  readonly modelName: string;
  readonly version: string;
  /** Digest of the model's files. */
  readonly sha256: string;
  /** Files of the build context by path, except the model's. */
  readonly files: ReadonlyMap<string, string>;
  /** Commit that the files are from. */
  readonly commit: string;
  readonly settings: Pick<ImageSettings, "base" | "platform" | "registry" | "repository">;
}

/** Names of the Dockerfile's arguments. A preview must know them before their values, because the docker provider rejects an unknown map. */
export const BUILD_ARGS = ["NODE_IMAGE", "MODEL_NAME", "MODEL_VERSION", "MODEL_SHA256", "SOURCE_COMMIT"] as const;
type BuildArgs = Readonly<Record<(typeof BUILD_ARGS)[number], string>>;

export interface ImagePlan {
  /** Name and tag of the image: `docker.io/acme/churn-model:churn-model-v3-0123456789ab`. */
  readonly name: string;
  /** `<model>-v<version>-<first 12 digits of the SHA-256 of its inputs>`: different images have different tags. */
  readonly tag: string;
  /** Arguments of the Dockerfile. */
  readonly args: BuildArgs;
}

const MAX_TAG_LENGTH = 128;
/** https://github.com/distribution/reference/blob/main/regexp.go */
const REPOSITORY = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/;

/** Converts a model name: Docker requires lower case and rejects some runs of dots and dashes. Models whose names collide have different tags. */
function localRepository(modelName: string): string {
  const name = modelName.toLowerCase();
  return REPOSITORY.test(name) ? name : name.replace(/[^a-z0-9]+/g, "-").replace(/-$/, "");
}

/** Names an image by its inputs. */
export function planImage({ modelName, version, sha256, files, commit, settings }: ImageIngredients): ImagePlan {
  const { base, platform, registry, repository } = settings;
  const args: BuildArgs = {
    NODE_IMAGE: base,
    MODEL_NAME: modelName,
    MODEL_VERSION: version,
    MODEL_SHA256: sha256,
    SOURCE_COMMIT: commit,
  };
  const hash = createHash("sha256").update(JSON.stringify([platform, args]));
  for (const [path, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${path}\0${Buffer.byteLength(content)}\0`).update(content);
  const suffix = `-v${version}-${hash.digest("hex").slice(0, 12)}`;
  const tag = `${modelName.slice(0, MAX_TAG_LENGTH - suffix.length)}${suffix}`;
  // Without a repository, the image stays on this machine and is named after the model.
  const path = repository ? `${registry}/${repository}` : localRepository(modelName);
  return { name: `${path}:${tag}`, tag, args };
}

/** Returns the host of an image's registry by Docker's rule: the part before the first slash, if it looks like a host. */
export function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : "docker.io";
}
