import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { printable } from "../data/printable.ts";

/** MLflow's own client adds this file to its downloads; it is not part of the model. */
const IGNORED = new Set(["registered_model_meta"]);

/** Returns false for a file that the digest excludes. Such a file must never be read as part of a model. */
export const isCovered = (path: string): boolean => !IGNORED.has(path);

/** Returns the SHA-256 in lower-case hexadecimal. */
export const sha256 = (data: Uint8Array | string): string => createHash("sha256").update(data).digest("hex");

/**
 * Combines the digests of all files of a model into one. It covers weights, signature and examples alike, so that no file can be swapped.
 * To verify it manually, run this in the model's folder:
 * `find . -type f ! -path ./registered_model_meta -printf '%P\n' | LC_ALL=C sort | xargs -rd '\n' sha256sum | sha256sum`
 * @param files SHA-256 (hexadecimal) by path relative to the model's folder, with `/` as separator
 * @throws Error for a name with a newline or another control character, which could give two different folders the same digest
 */
export function combineDigests(files: ReadonlyMap<string, string>): string {
  const paths = [...files.keys()].filter(isCovered).sort(byCodePoint);
  for (const path of paths)
    if (printable(path) !== path)
      throw new Error(`a model file has control characters in its name: ${JSON.stringify(path)}`);
  return sha256(paths.map((path) => `${files.get(path)}  ${path}\n`).join(""));
}

/** Computes the digest of a model's folder: see combineDigests. */
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
