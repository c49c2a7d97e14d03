import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { subjectName } from "./statement.ts";

/** A version whose files are in a folder. */
export interface FolderVersion {
  readonly name: string;
  readonly version: string;
}

const withoutSlash = (folder: string) => folder.replace(/(?<!\/)\/+$/, "");

/**
 * Returns the path of the envelope of a folder with a single version, as in an image. It is beside the folder, because the folder's
 * digest covers the model alone.
 */
export const attestationPath = (modelFolder: string): string => `${withoutSlash(modelFolder)}.attestation.json`;

/** Returns the path of one version's envelope. Versions with identical files share a folder, but each has its own envelope. */
export const versionAttestationPath = (modelFolder: string, { name, version }: FolderVersion): string =>
  `${withoutSlash(modelFolder)}.${encodeURIComponent(name)}-${encodeURIComponent(version)}.attestation.json`;

/** Reads the envelope beside a model's folder: the version's own or else the single-version one; undefined if there is neither. */
export async function readFolderEnvelope(folder: string, version: FolderVersion): Promise<string | undefined> {
  return (await readIfThere(versionAttestationPath(folder, version))) ?? readIfThere(attestationPath(folder));
}

/** Writes a version's envelope beside its folder. With undefined, removes it: a version that is no longer signed must not keep an envelope. */
export async function writeFolderEnvelope(folder: string, version: FolderVersion, envelope: string | undefined) {
  const path = versionAttestationPath(folder, version);
  if (envelope !== undefined) {
    // Atomic: a service that starts meanwhile reads either the old envelope or the new one.
    await writeFile(`${path}.new`, envelope);
    await rename(`${path}.new`, path);
    return;
  }
  await rm(path, { force: true });
  // Earlier releases kept one envelope for all versions of a folder.
  if (await isOf(attestationPath(folder), version)) await rm(attestationPath(folder), { force: true });
}

/** Returns whether this version has an envelope. Does not verify its signature. */
export async function hasFolderEnvelope(folder: string, version: FolderVersion): Promise<boolean> {
  if ((await readIfThere(versionAttestationPath(folder, version))) !== undefined) return true;
  return isOf(attestationPath(folder), version);
}

async function isOf(path: string, { name, version }: FolderVersion): Promise<boolean> {
  const envelope = await readIfThere(path);
  if (envelope === undefined) return false;
  try {
    const { payload } = JSON.parse(envelope) as { payload: string };
    const { subject } = JSON.parse(Buffer.from(payload, "base64").toString("utf8")) as { subject: [{ name: string }] };
    return subject[0].name === subjectName(name, version);
  } catch {
    return false; // An unreadable envelope belongs to no version.
  }
}

const readIfThere = (path: string): Promise<string | undefined> =>
  readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    // A file with a name that is too long was never written.
    if (error.code === "ENOENT" || error.code === "ENAMETOOLONG") return undefined;
    throw error;
  });
