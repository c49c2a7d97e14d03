/**
 * Atomic file replacement: readers see either the old or the new contents, even after a crash.
 * @module
 */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { mkdir, open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";

let counter = 0;
const temporaryName = (file: string) => `${file}.${process.pid}.${counter++}.tmp`;

export async function replaceFile(file: string, contents: Buffer): Promise<void> {
  const temporary = temporaryName(file);
  try {
    const handle = await open(temporary, "w", 0o600).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      await mkdir(dirname(file), { recursive: true });
      return open(temporary, "w", 0o600);
    });
    try {
      // Not writeFile(), which waits after each of many small writes.
      for (let done = 0; done < contents.length; ) done += (await handle.write(contents, done)).bytesWritten;
      // Without this, a power failure may leave an empty file under the new name.
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

export function replaceFileSync(file: string, contents: string | Buffer): void {
  const temporary = temporaryName(file);
  mkdirSync(dirname(file), { recursive: true });
  try {
    const descriptor = openSync(temporary, "w", 0o600);
    try {
      writeFileSync(descriptor, contents);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
  } catch (error) {
    try {
      unlinkSync(temporary);
    } catch {
      // It does not exist, or cannot be removed; the original error is thrown.
    }
    throw error;
  }
}
