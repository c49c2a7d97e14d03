import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { AsyncBuffer, FileMetaData } from "hyparquet";
import type { SnapshotReader } from "./snapshot-reader.ts";
import { SnapshotRows } from "./snapshot-rows.ts";

/**
 * Reads a Parquet file of flat numeric columns, the label last, as pandas, Polars and Spark write them. Columns may be any
 * integer or floating type or booleans; a null is refused. One row group is decoded at a time. The hash takes a pass of its own: Parquet is read from its end.
 */
export const readParquet: SnapshotReader = async (file, path, verify) => {
  verify(await identityOf(file));
  const { size } = await file.stat();
  const source: AsyncBuffer = {
    byteLength: size,
    slice: (start, end = size) => {
      const bytes = bytesOf(file, size, start, end);
      // Several are asked for at once, and the rest of them left alone when one fails: that must not end the process.
      bytes.catch(() => undefined);
      return bytes;
    },
  };
  // Loaded here: whoever reads CSV does not pay for it.
  const [{ parquetMetadataAsync, parquetRead }, { compressors }] = await Promise.all([
    import("hyparquet"),
    import("hyparquet-compressors"),
  ]);
  const rows = new SnapshotRows(path, "row");
  try {
    const metadata = await parquetMetadataAsync(source);
    const columns = columnNames(metadata);
    rows.add(columns, 0);
    rows.reserve(Number(metadata.num_rows));
    let rowStart = 0;
    for (const { num_rows: count } of metadata.row_groups) {
      const rowEnd = rowStart + Number(count);
      // What this callback throws is not seen by whoever awaits parquetRead: it is kept and thrown here.
      let refusal: unknown;
      let values = 0;
      await parquetRead({
        ...{ file: source, metadata, compressors, rowStart, rowEnd },
        onChunk: ({ columnName, columnData, rowStart: from }) => {
          values += columnData.length;
          try {
            rows.setColumn(columns.indexOf(columnName), columnData, from);
          } catch (error) {
            refusal ??= error;
          }
        },
      });
      if (refusal) throw refusal;
      if (values !== columns.length * Number(count))
        throw new Error(
          `a row group says that it has ${count} rows, and has ${values} values in ${columns.length} columns`,
        );
      rowStart = rowEnd;
    }
    rows.rows = rowStart;
  } catch (cause) {
    if ((cause as Error).message.startsWith(path)) throw cause;
    throw new Error(`${path} cannot be read as Parquet: ${(cause as Error).message}`, { cause });
  }
  return rows.finish();
};

/** Where they lie the file says itself: a file that says nonsense is not given the memory for it. */
async function bytesOf(file: FileHandle, size: number, start: number, end: number): Promise<ArrayBuffer> {
  if (!(start >= 0 && start <= end && end <= size))
    throw new Error(`it has ${size} bytes, and says that something lies in those from ${start} to ${end}`);
  const bytes = new Uint8Array(end - start);
  await file.read(bytes, 0, bytes.length, start);
  return bytes.buffer;
}

async function identityOf(file: FileHandle) {
  const hash = createHash("md5");
  let size = 0;
  for await (const chunk of file.createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 20 })) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { md5: hash.digest("hex"), size };
}

/** The first element of a Parquet schema is its root; columns with children are lists or structures. */
function columnNames({ schema }: FileMetaData): string[] {
  const nested = schema.slice(1).find(({ num_children: children }) => (children ?? 0) > 0);
  if (nested) throw new Error(`column ${nested.name} is nested; a snapshot has flat columns of numbers`);
  return schema.slice(1).map(({ name }) => name);
}
