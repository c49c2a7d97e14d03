import { constants, createReadStream, createWriteStream } from "node:fs";
import { copyFile, mkdtemp, open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { type FileIdentity, filesBelow, identityOfFile, identityOfFolder, type ListedFile } from "./file-identity.ts";

/**
 * Copies of a snapshot's files in a folder that no other user can open. Hash and rows are read from the copy, so they cover the same bytes even if the
 * original changes. An open file could be written between the two reads, and timestamps are unreliable for a memory-mapped file. On a file system
 * that shares blocks, the copy takes neither time nor space.
 */
export interface PrivateCopy {
  /** Identity of the copied bytes. */
  identity(): Promise<FileIdentity>;
  /** Decompresses and decodes the files. @param encoding of CSV @throws Error that names the file's type, if it is neither CSV nor Parquet */
  unpack(encoding: string | undefined): Promise<Unpacked>;
  remove(): Promise<void>;
}

/** Files that are ready to read: CSV in UTF-8, or Parquet. */
interface Unpacked {
  readonly kind: "csv" | "parquet";
  /** Sorted by name. */
  readonly files: readonly { readonly file: string; readonly path: string }[];
}

/** Magic bytes at the start of a file. */
const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const PARQUET = Buffer.from("PAR1");
const PACKERS = [
  [GZIP, createGunzip],
  [ZSTD, createZstdDecompress],
] as const;
const OTHERS: readonly (readonly [Buffer, string])[] = [
  [Buffer.from("ARROW1"), "an Arrow (Feather) file"],
  [Buffer.from("FEA1"), "a Feather file"],
  [Buffer.from("PK\u0003\u0004"), "a ZIP archive, or an Excel workbook"],
  [Buffer.from("\x89HDF", "latin1"), "an HDF5 file"],
  [Buffer.from("ORC"), "an ORC file"],
  [Buffer.from("Obj\u0001"), "an Avro file"],
  [Buffer.from("BZh"), "compressed with bzip2"],
  [Buffer.from("\xfd7zXZ", "latin1"), "compressed with xz"],
];

/**
 * Copies a snapshot.
 * @param path a CSV file, a Parquet file or a folder of Parquet files
 * @param parent folder in which the copy's folder is created
 */
export async function copyPrivately(path: string, parent: string): Promise<PrivateCopy> {
  const folder = await mkdtemp(join(parent, "copy-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    if ((await stat(path)).isDirectory()) return { ...(await copyFolder(path, folder)), remove };
    const copy = join(folder, "original");
    await copyFile(path, copy, constants.COPYFILE_FICLONE);
    return { identity: () => identityOfFile(copy), unpack: (encoding) => unpack(path, copy, encoding), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function copyFolder(path: string, folder: string): Promise<Omit<PrivateCopy, "remove">> {
  const names = (await filesBelow(path)).toSorted();
  const copies = names.map((name, index) => ({ name, copy: join(folder, `${index}.parquet`) }));
  for (const { name, copy } of copies) await copyFile(join(path, name), copy, constants.COPYFILE_FICLONE);
  // Spark and Hive write files beside the data that begin with _ or a dot.
  const data = copies.filter(({ name }) => isData(name));
  return {
    async unpack() {
      if (data.length > 0)
        return { kind: "parquet", files: data.map(({ name, copy }) => ({ file: copy, path: join(path, name) })) };
      throw new Error(`${path} contains no .parquet file: a snapshot folder must contain Parquet files`);
    },
    async identity() {
      const listed: ListedFile[] = [];
      for (const { name, copy } of copies) listed.push({ path: name, ...(await identityOfFile(copy)) });
      return identityOfFolder(listed);
    },
  };
}

const isData = (name: string) => /\.parquet$/i.test(name) && !/(?:^|\/)[_.][^/]*$/.test(name);

/** Maximum bytes of a CSV file to read for its header. */
const HEAD_BYTES = 1 << 20;

/**
 * Copies only the part of a large file that names its columns: the first lines of CSV, decompressed, or the footer of Parquet. For a folder, uses its
 * first file.
 * @throws Error for other types of files, such as compressed Parquet, here or in `unpack`
 */
export async function copyHead(path: string, parent: string): Promise<Omit<PrivateCopy, "identity">> {
  const isFolder = (await stat(path)).isDirectory();
  const first = isFolder ? (await filesBelow(path)).toSorted().find(isData) : undefined;
  const from = await open(first === undefined ? path : join(path, first));
  const folder = await mkdtemp(join(parent, "head-"));
  const original = join(folder, "original");
  const to = await open(original, "w");
  try {
    const { size } = await from.stat();
    const part = async (start: number, length: number) => {
      const { buffer, bytesRead } = await from.read(Buffer.alloc(length), 0, length, start);
      return buffer.subarray(0, bytesRead);
    };
    const start = await part(0, PARQUET.length);
    const packer = PACKERS.find(([magic]) => begins(start, magic));
    if (start.equals(PARQUET)) {
      // A file ends with the footer's length and the magic bytes. The copy is sparse between its first bytes and the footer.
      const footer = (await part(size - 8, 8)).readUInt32LE(0) + 8;
      if (footer > size) throw new Error(`${path} does not have a Parquet footer`);
      await to.truncate(size);
      await to.write(PARQUET, 0, PARQUET.length, 0);
      await to.write(await part(size - footer, footer), 0, footer, size - footer);
    } else {
      const head = packer ? await unpackedHead(path, packer[1]()) : await part(0, HEAD_BYTES);
      if (begins(head, PARQUET))
        throw new Error(`${path} is compressed Parquet, whose footer cannot be read separately`);
      const end = head.lastIndexOf("\n") + 1;
      // A line end in UTF-16 has two bytes.
      await to.write(head.subarray(0, head[end] === 0 && utf16Mark(head) !== "utf-16be" ? end + 1 : end));
    }
  } finally {
    await Promise.all([from.close(), to.close()]);
  }
  return {
    unpack: (encoding) => unpack(path, original, encoding),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Decompresses only the start of a file. */
async function unpackedHead(path: string, unpacker: Transform): Promise<Buffer> {
  const source = createReadStream(path);
  source.on("error", (error) => unpacker.destroy(error));
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of source.pipe(unpacker)) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= HEAD_BYTES) break;
    }
  } finally {
    source.destroy();
  }
  return Buffer.concat(chunks);
}

async function unpack(path: string, original: string, encoding: string | undefined): Promise<Unpacked> {
  let file = original;
  let start = await firstBytes(file);
  for (const [magic, unpacker] of PACKERS) {
    if (!begins(start, magic)) continue;
    const unpacked = `${original}.unpacked`;
    await pipeline(createReadStream(file), unpacker(), createWriteStream(unpacked)).catch((cause: Error) => {
      throw new Error(`${path} cannot be decompressed: ${cause.message}`, { cause });
    });
    file = unpacked;
    start = await firstBytes(file);
  }
  if (begins(start, PARQUET)) return { kind: "parquet", files: [{ file, path }] };
  if (/\.parquet$/i.test(path))
    throw new Error(`${path} cannot be read as Parquet: it does not begin with Parquet's magic bytes`);
  const other = OTHERS.find(([magic]) => begins(start, magic));
  if (other) throw new Error(`${path} is ${other[1]}: snapshots must be CSV or Parquet`);
  const label = encoding === undefined || encoding === "utf-8" ? utf16Mark(start) : encodingLabel(encoding, start);
  if (label === undefined) return { kind: "csv", files: [{ file, path }] };
  const text = `${original}.text`;
  await pipeline(createReadStream(file), decoder(path, label), createWriteStream(text));
  return { kind: "csv", files: [{ file: text, path }] };
}

const begins = (bytes: Buffer, magic: Buffer) => bytes.subarray(0, magic.length).equals(magic);

/** Detects a UTF-16 byte order mark, which no other type of file begins with. */
function utf16Mark(start: Buffer): "utf-16le" | "utf-16be" | undefined {
  if (begins(start, Buffer.from([0xff, 0xfe]))) return "utf-16le";
  return begins(start, Buffer.from([0xfe, 0xff])) ? "utf-16be" : undefined;
}

const encodingLabel = (encoding: string, start: Buffer) =>
  encoding === "utf-16" ? (utf16Mark(start) ?? "utf-16le") : encoding;

/** Creates a stream that converts to UTF-8. */
function decoder(path: string, label: string): Transform {
  // TextDecoder treats latin-1 as windows-1252, which differs in bytes 80 to 9f.
  const decode = label === "latin-1" ? undefined : new TextDecoder(label, { fatal: true });
  const attempt = (step: () => string, done: (error: Error | null, bytes?: Buffer) => void) => {
    let text: string;
    try {
      text = step();
    } catch (cause) {
      done(new Error(`${path} is not valid ${label}: check data.csv.encoding`, { cause }));
      return;
    }
    done(null, Buffer.from(text));
  };
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) =>
      attempt(() => decode?.decode(chunk, { stream: true }) ?? chunk.toString("latin1"), done),
    flush: (done) => attempt(() => decode?.decode() ?? "", done),
  });
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
