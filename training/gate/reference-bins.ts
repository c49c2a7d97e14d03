import { referenceBins } from "../../data/drift/reference-bins.ts";
import type { DataFormat } from "../../data/reader/data-format.ts";
import { loadSnapshot, readSnapshotData, type SnapshotOptions } from "../snapshot.ts";

/** What is known of a reference snapshot beside its path. */
export interface ReferenceOptions {
  /** MD5 that its DVC pointer must name. */
  readonly md5?: string | undefined;
  readonly format?: DataFormat | undefined;
}

/** Reads a snapshot, CSV or Parquet, and makes its bins, as JSON. Throws Error that says why there are none. */
export const readReferenceBins = async (path: string, { md5, format }: ReferenceOptions = {}): Promise<string> =>
  referenceBins(await withAnyLabel(format, (options) => loadSnapshot(path, { ...options, md5 })));

/** No model is known here: columns are what the file says, and a label that is none of the expected classes is left out. */
async function withAnyLabel<Read>(
  format: DataFormat | undefined,
  read: (options: SnapshotOptions) => Promise<Read>,
): Promise<Read> {
  const options = { format, others: "any" } as const;
  try {
    return await read({ ...options, label: { kind: format?.classes ? "open-classes" : "classes" } });
  } catch {
    // What is wrong with another column is found again.
    return await read({ ...options, label: { kind: "any" } });
  }
}

/** Undefined where there are none: a page without drift is better than no service. @param say gets the reason */
export async function referenceBinsOrNone(
  path: string,
  options: ReferenceOptions,
  say: (why: string) => void = () => {},
): Promise<string | undefined> {
  try {
    return await readReferenceBins(path, options);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** The same of a file that no DVC pointer pins, for a service that is run by hand. */
export async function unpinnedReferenceBins(path: string, format?: DataFormat): Promise<string> {
  let md5 = "";
  const data = await withAnyLabel(format, (options) =>
    readSnapshotData(path, options, (identity) => {
      md5 = identity.md5;
    }),
  );
  return referenceBins({ path, md5, ...data });
}
