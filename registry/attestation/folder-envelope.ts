import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { subjectName } from "./statement.ts";

/** A version whose files lie in a folder. */
export interface FolderVersion {
  readonly name: string;
  readonly version: string;
}

const withoutSlash = (folder: string) => folder.replace(/(?<!\/)\/+$/, "");

/** Where the envelope of a model's folder lies: beside it, as the folder's digest is that of the model alone. For a folder of one version, as in an image. */
export const attestationPath = (modelFolder: string): string => `${withoutSlash(modelFolder)}.attestation.json`;

/** The same where versions may share a folder, since their files are identical: each has an envelope of its own. */
export const versionAttestationPath = (modelFolder: string, { name, version }: FolderVersion): string =>
  `${withoutSlash(modelFolder)}.${encodeURIComponent(name)}-${encodeURIComponent(version)}.attestation.json`;

/** The envelope that lies beside a model's folder: the version's own, or the one of a folder of one version; undefined when there is none. */
export async function readFolderEnvelope(folder: string, version: FolderVersion): Promise<string | undefined> {
  return (await readIfThere(versionAttestationPath(folder, version))) ?? readIfThere(attestationPath(folder));
}

/** Puts a version's envelope beside its folder; undefined takes away what is there of it, since a version that is not signed any more must not keep one. */
export async function writeFolderEnvelope(folder: string, version: FolderVersion, envelope: string | undefined) {
  const path = versionAttestationPath(folder, version);
  if (envelope !== undefined) {
    // A service that starts meanwhile reads the one or the other.
    await writeFile(`${path}.new`, envelope);
    await rename(`${path}.new`, path);
    return;
  }
  await rm(path, { force: true });
  // Of an earlier release, which kept one for all versions of a folder.
  if (await isOf(attestationPath(folder), version)) await rm(attestationPath(folder), { force: true });
}

/** Whether there is an envelope for this very version; says nothing of its signature. */
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
    return false; // an unreadable envelope belongs to no version
  }
}

const readIfThere = (path: string): Promise<string | undefined> =>
  readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    // A name that is too long for a file was never written.
    if (error.code === "ENOENT" || error.code === "ENAMETOOLONG") return undefined;
    throw error;
  });
