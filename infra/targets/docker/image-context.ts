import { chmod, readdir } from "node:fs/promises";
import { join } from "node:path";
import { downloadModel } from "../../../registry/artifacts.ts";
import { attestationPath } from "../../../registry/attestation/folder-envelope.ts";
import { readAttestation } from "../../../registry/attestation/store.ts";
import { readGateEvidence } from "../../../registry/evidence.ts";
import { MlflowClient, type RegistryAccess } from "../../../registry/mlflow-client.ts";
import { getModelVersion } from "../../../registry/model-versions.ts";
import { placeModel, writeIfChanged } from "./context-files.ts";
import type { ImageSettings } from "./docker-settings.ts";
import { type ImagePlan, planImage } from "./image-plan.ts";
import { serviceImage } from "./service-image.ts";

/** In the context, and below /app in the image. The signed statement is beside it. */
const MODEL = "approved/model";

export interface ContextRequest {
  readonly registry: RegistryAccess;
  readonly modelName: string;
  readonly version: string;
  /** Approved digest: other files are rejected. */
  readonly sha256: string;
  readonly settings: ImageSettings;
  /** PEM; if set, the image contains the gate's signed verdict beside the model. */
  readonly gatePublicKey?: string | undefined;
  /** Folder for contexts, relative to the project's root. */
  readonly folder: string;
}

export interface AssembledContext extends ImagePlan {
  /** The build context, relative to the project's root. */
  readonly path: string;
  /** npm packages of the image: version by name, as locked. */
  readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * Writes exactly the contents of an image to a folder named by their hash, so that edits to other files do not change it.
 *
 * The program itself calls this, even in a preview: on a machine that has not built the image, such as a fresh CI runner,
 * the docker provider needs the context to see that it has not changed.
 * @throws Error if the registry's files are not the approved ones
 */
export async function assembleContext(request: ContextRequest): Promise<AssembledContext> {
  const { modelName, version, sha256, settings, folder } = request;
  const { files: own, dependencies, commit } = await serviceImage();
  const files = new Map(own);
  const client = new MlflowClient(request.registry);
  if (request.gatePublicKey !== undefined) {
    const evidence = readGateEvidence(await getModelVersion(client, modelName, version));
    const envelope = await readAttestation(client, evidence?.attestation);
    if (envelope !== undefined) files.set(attestationPath(MODEL), envelope);
  }
  const plan = planImage({ modelName, version, sha256, files, commit, settings });
  const path = join(folder, plan.tag);
  const partial = `${path}.partial-${process.pid}`;
  await placeModel(
    join(path, MODEL),
    sha256,
    partial,
    async (into) => downloadModel(client, await getModelVersion(client, modelName, version), into),
    (actual) =>
      new Error(
        `${modelName} version ${version}: its files changed after they were approved: ` +
          `sha256 ${sha256} was approved, the registry now has ${actual}`,
      ),
  );
  for (const [file, content] of files) await writeIfChanged(join(path, file), content, partial);
  await normalizeModes(path);
  return { ...plan, path, dependencies };
}

/** Makes modes independent of the umask, because the docker provider hashes them. */
async function normalizeModes(path: string): Promise<void> {
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true }))
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
}
