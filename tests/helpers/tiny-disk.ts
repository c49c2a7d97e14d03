import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export interface TinyDisk extends AsyncDisposable {
  readonly folder: string;
  /** To so many kilobytes. */
  grow(kilobytes: number): Promise<unknown>;
  /** Fills the disk completely. */
  fill(): Promise<void>;
}

/** Creates a file system of this size in kilobytes, or returns why not (it requires root). */
export async function tinyDisk(kilobytes: number): Promise<TinyDisk | string> {
  const folder = await mkdtemp(join(tmpdir(), "full-disk-"));
  const run = promisify(execFile);
  const options = (size: number) => `size=${size}k`;
  try {
    await run("mount", ["-t", "tmpfs", "-o", options(kilobytes), "tmpfs", folder]);
  } catch (error) {
    await rm(folder, { recursive: true });
    return `a small tmpfs cannot be mounted here: ${(error as Error).message}`;
  }
  return {
    folder,
    grow: (size) => run("mount", ["-o", `remount,${options(size)}`, folder]),
    fill: () => writeFile(join(folder, "filler"), Buffer.alloc(kilobytes * 1024)).catch(() => undefined),
    [Symbol.asyncDispose]: async () => {
      await run("umount", [folder]);
      await rm(folder, { recursive: true });
    },
  };
}
