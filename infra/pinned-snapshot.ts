import { stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type FileIdentity,
  filesBelow,
  identityOfFile,
  identityOfFolder,
  type ListedFile,
} from "../data/reader/file-identity.ts";
import { type DvcPointer, dvcPointerPath, pathForDvc, readDvcPointer } from "../training/dvc-pointer.ts";

/** Hashing this many bytes takes about a tenth of a second; for larger files only the size is compared. */
export const MAX_HASHED_BYTES = 64 * 2 ** 20;

export interface PinnedSnapshot {
  readonly path: string;
  /** MD5 in the pointer: the version of the data. */
  readonly md5: string;
  /** Set if the file does not match the pointer: the finding in the first line, the consequence in the second. */
  readonly warning?: string;
  /** Describes what could not be checked. */
  readonly note?: string;
}

/**
 * Reads a snapshot's DVC pointer and checks that the file beside it matches. The program uses only the pointer, and would not
 * notice a changed file.
 * @param mayBeMissing whether the file may be missing here: the update fetches it, or only the trainer's machine has it
 * @throws Error if there is no pointer, or it does not point to a file or folder
 */
export async function readPinnedSnapshot(path: string, mayBeMissing: boolean): Promise<PinnedSnapshot> {
  const pointer = await readDvcPointer(dvcPointerPath(path));
  const pinned = { path, md5: pointer.md5 };
  const size = await sizeOf(path);
  if (size === undefined) return mayBeMissing ? pinned : { ...pinned, warning: missing(path) };
  if (size > MAX_HASHED_BYTES)
    return size === pointer.size
      ? { ...pinned, note: notHashed(path, size) }
      : { ...pinned, warning: differs(path, `${size} bytes`, `${pointer.size} bytes`) };
  const { md5 } = await identityOf(path);
  if (md5 === pointer.md5) return pinned;
  const [found, expected] = [`MD5 ${md5} (${size} bytes)`, `MD5 ${pointer.md5} (${pointer.size} bytes)`];
  return { ...pinned, warning: differs(path, found, expected) };
}

/** Returns the size of a file, or of all files in a folder; undefined if it is missing. */
export async function sizeOf(path: string): Promise<DvcPointer["size"] | undefined> {
  try {
    const found = await stat(path);
    if (!found.isDirectory()) return found.size;
    const files = await filesBelow(path);
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(path, file))).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

async function identityOf(path: string): Promise<FileIdentity> {
  if (!(await stat(path)).isDirectory()) return identityOfFile(path);
  const listed: ListedFile[] = [];
  for (const file of await filesBelow(path)) listed.push({ path: file, ...(await identityOfFile(join(path, file))) });
  return identityOfFolder(listed);
}

const differs = (path: string, found: string, pinned: string) =>
  `${path} is not the data that ${dvcPointerPath(path)} pins\n` +
  `The file has ${found}, but the pointer says ${pinned}. An update trusts the pointer: it sees no new data, and training and the gate reject the file. ` +
  `Pin the new data with: dvc add ${pathForDvc(path)}. Restore the pinned data with: dvc pull --force ${pathForDvc(path)} or, if git tracks it, git checkout ${pathForDvc(path)}`;

const missing = (path: string) =>
  `${path} is missing\nThe next training or gate will fail without it. Fetch it with: dvc pull ${pathForDvc(path)}, or let the update fetch it: ` +
  'pulumi config set --path data.pull "dvc pull"';

const notHashed = (path: string, size: number) =>
  `${path} has the size that its pointer records; its MD5 was not compared because the file (${size} bytes) is larger than ${MAX_HASHED_BYTES} bytes`;
