import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Copies of a model's bytes while it is opened: read, parsed, re-encoded and in the runtime. Measured with models of 150 MB and 1.1 GB. */
const COPIES = 4;
/** Memory of a process without a model, MB. */
const PROCESS_MB = 130;
/** Models below this size are not checked. */
const SMALL_MB = 32;
const MB = 1e6;

/**
 * Explains why a model may not fit within the process's memory limit; undefined if it fits. A process that exceeds the limit is killed without a message.
 * @param limit bytes; 0 or undefined if there is none
 * @param processes number of processes that open the model within the limit
 */
export function memoryProblem(modelBytes: number, limit: number | undefined, processes: number): string | undefined {
  if (!limit || modelBytes < SMALL_MB * MB) return undefined;
  const [model, has] = [Math.round(modelBytes / MB), Math.round(limit / MB)];
  const needed = processes * (COPIES * model + PROCESS_MB);
  if (needed <= has) return undefined;
  const by = processes > 1 ? ` in ${processes} processes` : "";
  return (
    `the model takes ${model} MB, and opening it${by} requires about ${needed} MB, but the memory limit is ${has} MB: the service may be killed. ` +
    `Set docker.memoryMb to ${needed}, or kubernetes.service.memory to ${needed}M, or more`
  );
}

/** Returns the total size of a model's files, in bytes. */
export async function modelBytes(folder: string): Promise<number> {
  const files = (await readdir(folder, { withFileTypes: true, recursive: true })).filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
