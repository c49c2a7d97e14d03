import { open } from "node:fs/promises";
import { extname } from "node:path";
import { referenceBins } from "../../data/drift/reference-bins.ts";
import { readCsv } from "../csv-reader.ts";
import { loadSnapshot } from "../snapshot.ts";
import type { FileIdentity } from "../snapshot-reader.ts";

/**
 * Reads a snapshot, CSV or Parquet, and makes its bins, as JSON. Throws Error that says why there are none.
 * @param md5 that its DVC pointer must name, where that is known already
 */
export const readReferenceBins = async (path: string, md5?: string): Promise<string> =>
  referenceBins(await loadSnapshot(path, md5));

/** Undefined where there are none: a page without drift is better than no service. @param say gets the reason */
export async function referenceBinsOrNone(
  path: string,
  md5: string | undefined,
  say: (why: string) => void = () => {},
): Promise<string | undefined> {
  try {
    return await readReferenceBins(path, md5);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** The same of a file that no DVC pointer pins, for a service that is run by hand. */
export async function unpinnedReferenceBins(path: string): Promise<string> {
  const file = await open(path);
  try {
    const read =
      extname(path).toLowerCase() === ".parquet" ? (await import("../parquet-reader.ts")).readParquet : readCsv;
    let identity: FileIdentity | undefined;
    const data = await read(file, path, (found) => {
      identity = found;
    });
    return referenceBins({ path, md5: identity?.md5 ?? "", ...data });
  } finally {
    await file.close();
  }
}
