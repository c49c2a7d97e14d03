import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { digestFolder } from "../../../registry/artifact-digest.ts";

// Two stacks of one clone may build the same image at the same time: what is in place is whole, whoever put it there.

const isInPlace = async (folder: string, sha256: string) =>
  (await digestFolder(folder).catch(() => undefined)) === sha256;

/**
 * Puts a model's files into a folder, unless it has them.
 * @param download puts them into the folder that it is given, and answers their digest
 * @param refuse answers the error for files that are not those that were approved
 */
export async function placeModel(
  folder: string,
  sha256: string,
  partial: string,
  download: (folder: string) => Promise<string>,
  refuse: (actual: string) => Error,
): Promise<void> {
  if (await isInPlace(folder, sha256)) return;
  await mkdir(dirname(folder), { recursive: true });
  try {
    const actual = await download(partial);
    if (actual !== sha256) throw refuse(actual);
    await rename(partial, folder).catch(async () => {
      if (await isInPlace(folder, sha256)) return;
      await rm(folder, { recursive: true, force: true });
      await rename(partial, folder);
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Writes a file at once: who reads it meanwhile reads the old or the new one. @param partial a file that is no part of the context */
export async function writeIfChanged(path: string, content: string, partial: string): Promise<void> {
  if ((await readFile(path, "utf8").catch(() => undefined)) === content) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(partial, content, { mode: 0o644 });
  await rename(partial, path);
}
