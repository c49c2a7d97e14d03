import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { printable } from "./errors.ts";

/** MLflow's own client writes this file into its downloads: it is not part of the model. */
const IGNORED = new Set(["registered_model_meta"]);

/** False for a file that the digest leaves out: nothing of a model may be read from there. */
export const isCovered = (path: string): boolean => !IGNORED.has(path);

/** Lower-case hexadecimal SHA-256. */
export const sha256 = (data: Uint8Array | string): string => createHash("sha256").update(data).digest("hex");

/**
 * One digest for all the files of a model: weights, signature and examples alike, so that none can be swapped.
 * To check by hand, run this in the model's folder:
 * `find . -type f ! -path ./registered_model_meta -printf '%P\n' | LC_ALL=C sort | xargs -rd '\n' sha256sum | sha256sum`
 * @param files SHA-256 (hexadecimal) by path relative to the model's folder, `/` between its parts
 * @throws Error for a name with a line's end or another control character: two different folders could have one digest
 */
export function combineDigests(files: ReadonlyMap<string, string>): string {
  const paths = [...files.keys()].filter(isCovered).sort(byCodePoint);
  for (const path of paths)
    if (printable(path) !== path)
      throw new Error(`a file of the model has a name with control characters: ${JSON.stringify(path)}`);
  return sha256(paths.map((path) => `${files.get(path)}  ${path}\n`).join(""));
}

/** The digest of a model's folder: see combineDigests. */
export async function digestFolder(folder: string): Promise<string> {
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const hash = createHash("sha256");
    await pipeline(createReadStream(path), hash);
    files.set(relative(folder, path).split(sep).join("/"), hash.digest("hex"));
  }
  return combineDigests(files);
}

const byCodePoint = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
