import { createHash } from "node:crypto";
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { unicodeEscape } from "../printable.ts";

/** Identity of a file or folder, as DVC computes it. */
export interface FileIdentity {
  /** Lower-case hexadecimal; ends in `.dir` for a folder. */
  readonly md5: string;
  /** Bytes; for a folder, the total of its files. */
  readonly size: number;
}

/** A file of a folder, as DVC lists it. */
export interface ListedFile extends FileIdentity {
  /** Relative to the folder, with slashes. */
  readonly path: string;
}

const CHUNK = 1 << 20;

export async function identityOfFile(path: string): Promise<FileIdentity> {
  const hash = createHash("md5");
  let size = 0;
  for await (const bytes of chunksOf(path)) {
    hash.update(bytes);
    size += bytes.length;
  }
  return { md5: hash.digest("hex"), size };
}

/** Reads a file in chunks that reuse one buffer: a stream allocates a buffer per chunk, which keeps the garbage collector busy. */
export async function* chunksOf(path: string, start = 0): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (let at = start; ; ) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/**
 * Computes a folder's identity: the MD5 of DVC's JSON listing `[{"md5": "…", "relpath": "…"}, …]`, sorted by path, formatted like
 * Python's `json.dumps`.
 */
export function identityOfFolder(files: readonly ListedFile[]): FileIdentity {
  const listed = files
    .toSorted((a, b) => compareCodePoints(a.path, b.path))
    .map(({ md5, path }) => `{"md5": "${md5}", "relpath": ${pythonJson(path)}}`);
  const md5 = createHash("md5")
    .update(`[${listed.join(", ")}]`)
    .digest("hex");
  return { md5: `${md5}.dir`, size: files.reduce((sum, { size }) => sum + size, 0) };
}

/** Lists the paths of all files below a folder, relative to it, with slashes. */
export async function filesBelow(folder: string, below = ""): Promise<string[]> {
  const found: string[] = [];
  for (const { name } of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below === "" ? name : `${below}/${name}`;
    // stat follows links, because DVC may link files to its cache.
    if ((await stat(join(folder, path))).isDirectory()) found.push(...(await filesBelow(folder, path)));
    else found.push(path);
  }
  return found;
}

const pythonJson = (text: string) => JSON.stringify(text).replace(/[\u007f-\uffff]/g, unicodeEscape);

/** Compares strings by code point, as Python does; JavaScript compares UTF-16 units. */
function compareCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
