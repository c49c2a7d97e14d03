import { referenceBins } from "../../data/drift/reference-bins.ts";
import type { DataFormat } from "../../data/reader/data-format.ts";
import type { Signature } from "../../service/predictor/signature.ts";
import { loadSnapshot, type SnapshotOptions } from "../snapshot.ts";
import { fieldsFor } from "./model-table.ts";

/** Properties of a reference snapshot besides its path. */
export interface ReferenceOptions {
  /** MD5 that its DVC pointer must have. */
  readonly md5?: string | undefined;
  readonly format?: DataFormat | undefined;
  /** Signature of the model that the bins are for: columns are read with its types. Default: inferred types. */
  readonly signature?: Signature | undefined;
}

/** Reads a snapshot, CSV or Parquet, and computes its bins as JSON. @throws Error that explains why there are none */
export const readReferenceBins = async (
  path: string,
  { md5, format, signature }: ReferenceOptions = {},
): Promise<string> =>
  referenceBins(await leniently({ format, signature }, (options) => loadSnapshot(path, { ...options, md5 })));

/** Reads as much as possible: ignores labels of unknown classes, and infers the types of columns that do not match the model's. */
export async function leniently<Read>(
  { format, signature }: Pick<ReferenceOptions, "format" | "signature">,
  read: (options: SnapshotOptions) => Promise<Read>,
): Promise<Read> {
  const { classes } = format ?? {};
  const label = { kind: classes ? "open-classes" : "classes" } as const;
  const any = { kind: "any" } as const;
  const fields = signature && fieldsWithGaps(signature);
  const attempts = [
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
  for (const attempt of attempts)
    try {
      return await read({ format, others: "any", ...attempt });
    } catch (error) {
      // A fault in another column is reported later.
      failure = error;
    }
  throw failure;
}

/** A missing value in the reference is not an error: it has its own bin. */
const fieldsWithGaps = (signature: Signature) => (names: readonly string[]) =>
  fieldsFor(signature)(names).map((field) => ({ ...field, nullable: true }));

/** Returns undefined if there are none: a page without drift is better than no service. @param onFailure receives the reason */
export async function referenceBinsOrNone(
  path: string,
  options: ReferenceOptions,
  onFailure: (reason: string) => void = () => {},
): Promise<string | undefined> {
  try {
    return await readReferenceBins(path, options);
  } catch (error) {
    onFailure(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}
