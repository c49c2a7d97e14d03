import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { digestFolder } from "../../../registry/artifact-digest.ts";
import { downloadModel } from "../../../registry/artifacts.ts";
import { writeFolderEnvelope } from "../../../registry/attestation/folder-envelope.ts";
import { readAttestation } from "../../../registry/attestation/store.ts";
import { readGateEvidence } from "../../../registry/evidence.ts";
import { MlflowClient, type RegistryAccess } from "../../../registry/mlflow-client.ts";
import { getModelVersion } from "../../../registry/model-versions.ts";

export interface ModelFolderInputs {
  readonly registry: RegistryAccess;
  readonly modelName: string;
  readonly version: string;
  readonly sha256: string;
  /** Folder of model folders, relative to the project's root. */
  readonly folder: string;
  readonly gatePublicKey?: string | undefined;
  /** Artifact URI of the signed statement to keep beside the files; defaults to the one recorded on the version. */
  readonly attestation?: string | undefined;
}

/** Puts the version's files into a folder named by their digest, and rejects files with any other digest. */
export async function fetchModel(inputs: ModelFolderInputs): Promise<string> {
  const { registry, modelName, version, sha256, folder, attestation } = inputs;
  const target = join(folder, sha256);
  const path = resolve(target);
  const client = new MlflowClient(registry);
  const found = await getModelVersion(client, modelName, version);
  const isThere = (await digestFolder(path).catch(() => "")) === sha256;
  const actual = isThere ? sha256 : await downloadModel(client, found, path);
  if (actual === sha256) {
    const envelope = await readAttestation(client, attestation ?? readGateEvidence(found)?.attestation);
    await writeFolderEnvelope(path, { name: modelName, version }, envelope);
    return target;
  }
  await rm(path, { recursive: true, force: true });
  throw new Error(
    `${modelName} version ${version}: its files changed after they were approved: ` +
      `sha256 ${sha256} was approved, the registry now has ${actual}`,
  );
}
