import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { digestFolder } from "../../../registry/artifact-digest.ts";

// Two stacks of one clone may build the same image concurrently, so files are moved into place only when complete.

const isInPlace = async (folder: string, sha256: string) =>
  (await digestFolder(folder).catch(() => undefined)) === sha256;

/**
 * Puts a model's files into a folder, unless they are already there.
 * @param download downloads them into the given folder and returns their digest
 * @param mismatch creates the error for files other than the approved ones
 */
export async function placeModel(
  folder: string,
  sha256: string,
  partial: string,
  download: (folder: string) => Promise<string>,
  mismatch: (actual: string) => Error,
): Promise<void> {
  if (await isInPlace(folder, sha256)) return;
  await mkdir(dirname(folder), { recursive: true });
  try {
    const actual = await download(partial);
    if (actual !== sha256) throw mismatch(actual);
    await rename(partial, folder).catch(async () => {
      if (await isInPlace(folder, sha256)) return;
      await rm(folder, { recursive: true, force: true });
      await rename(partial, folder);
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Writes a file atomically. @param partial temporary file outside the context */
export async function writeIfChanged(path: string, content: string, partial: string): Promise<void> {
  if ((await readFile(path, "utf8").catch(() => undefined)) === content) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(partial, content, { mode: 0o644 });
  await rename(partial, path);
}
