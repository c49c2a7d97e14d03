import { referenceBins } from "../../data/drift/reference-bins.ts";
import type { DataFormat } from "../../data/reader/data-format.ts";
import type { Signature } from "../../service/predictor/signature.ts";
import { loadSnapshot, readSnapshotData, type SnapshotOptions } from "../snapshot.ts";
import { fieldsFor } from "./model-table.ts";

/** What is known of a reference snapshot beside its path. */
export interface ReferenceOptions {
  /** MD5 that its DVC pointer must name. */
  readonly md5?: string | undefined;
  readonly format?: DataFormat | undefined;
  /** Of the model whose requests are compared with the bins: its columns are read as its types. Without it, they are what the file says. */
  readonly signature?: Signature | undefined;
}

/** Reads a snapshot, CSV or Parquet, and makes its bins, as JSON. Throws Error that says why there are none. */
export const readReferenceBins = async (
  path: string,
  { md5, format, signature }: ReferenceOptions = {},
): Promise<string> =>
  referenceBins(await leniently({ format, signature }, (options) => loadSnapshot(path, { ...options, md5 })));

/** Reads as much as can be read: a label that is none of the expected classes is left out, and columns that are not the model's types are what the file says. */
async function leniently<Read>(
  { format, signature }: Pick<ReferenceOptions, "format" | "signature">,
  read: (options: SnapshotOptions) => Promise<Read>,
): Promise<Read> {
  const { classes } = format ?? {};
  const label = { kind: classes ? "open-classes" : "classes" } as const;
  const any = { kind: "any" } as const;
  const fields = signature && fieldsWithGaps(signature);
  const ways = [
    ...(fields
      ? [
          { fields, label },
          { fields, label: any },
        ]
      : []),
    { label },
    { label: any },
  ];
  let failure: unknown;
  for (const way of ways)
    try {
      return await read({ format, others: "any", ...way });
    } catch (error) {
      // What is wrong with another column is found again.
      failure = error;
    }
  throw failure;
}

/** A gap in the reference is no fault: it is a bin of its own. */
const fieldsWithGaps = (signature: Signature) => (names: readonly string[]) =>
  fieldsFor(signature)(names).map((field) => ({ ...field, nullable: true }));

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
export async function unpinnedReferenceBins(
  path: string,
  { format, signature }: Omit<ReferenceOptions, "md5"> = {},
): Promise<string> {
  let md5 = "";
  const data = await leniently({ format, signature }, (options) =>
    readSnapshotData(path, options, (identity) => {
      md5 = identity.md5;
    }),
  );
  return referenceBins({ path, md5, ...data });
}
