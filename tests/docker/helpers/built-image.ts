import { spawnSync } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { docker } from "../../../infra/targets/docker/docker-cli.ts";
import { imageFiles } from "../../../infra/targets/docker/image-files.ts";
import { digestFolder } from "../../../registry/artifact-digest.ts";
import { testModel } from "../../service/helpers/test-model.ts";
import { nodeStandIn } from "./stand-in-images.ts";

export interface BuiltImage extends AsyncDisposable {
  readonly name: string;
  readonly base: string;
  /** Digest of the model in the image. */
  readonly sha256: string;
  /** Layers by digest, including the base's. */
  readonly layers: readonly string[];
  /** Unpacked size without the base, bytes. */
  readonly bytes: number;
}

interface Build {
  readonly version?: string;
  readonly cache?: boolean;
  /** False description of the model for the image, if any. */
  readonly claimedSha256?: string;
}

/** Builds service/Dockerfile from the target's context on the machine's engine. */
export async function buildImage({ version = "1", cache = true, claimedSha256 }: Build = {}): Promise<BuiltImage> {
  const base = await nodeStandIn();
  const context = await mkdtemp(join(tmpdir(), "context-"));
  const name = `test-churn-model:v${version}-${process.pid}-${Date.now()}`;
  try {
    for (const [path, content] of imageFiles(".").files) {
      await mkdir(dirname(join(context, path)), { recursive: true });
      await writeFile(join(context, path), content);
    }
    await using model = await testModel();
    await cp(model.folder, join(context, "approved/model"), { recursive: true });
    // A temporary folder is private to its owner; the target's context uses this mode for every folder.
    await chmod(join(context, "approved/model"), 0o755);
    const sha256 = await digestFolder(model.folder);
    const args = { NODE_IMAGE: base, MODEL_NAME: "churn-model", MODEL_VERSION: version, SOURCE_COMMIT: "c".repeat(40) };
    await docker([
      "build",
      "--network",
      "host",
      "--tag",
      name,
      ...(cache ? [] : ["--no-cache"]),
      ...Object.entries({ ...args, MODEL_SHA256: claimedSha256 ?? sha256 }).flatMap(([key, value]) => [
        "--build-arg",
        `${key}=${value}`,
      ]),
      context,
    ]);
    const [image, from] = JSON.parse(await docker(["image", "inspect", name, base]));
    const dispose = async () => {
      spawnSync("docker", ["rmi", "--force", name]);
    };
    const [layers, bytes] = [image.RootFS.Layers, image.Size - from.Size];
    return { name, base, sha256, layers, bytes, [Symbol.asyncDispose]: dispose };
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}
