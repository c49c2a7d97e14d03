import * as pulumi from "@pulumi/pulumi";
import { readPinnedSnapshot } from "../pinned-snapshot.ts";

/** A snapshot and the version of its data. */
export interface DataVersion {
  /** CSV or Parquet file, or a folder of Parquet files, relative to the Pulumi program. */
  readonly path: string;
  /** MD5 from the DVC pointer beside it. */
  readonly md5: string;
}

/**
 * Reads the version of a snapshot from its DVC pointer (`<path>.dvc`), and warns when the file does not match it.
 * @param mayBeMissing whether the file may be missing here: the update fetches it, or only the trainer's machine has it
 * @throws RunError, which the engine shows without a stack trace, when there is no pointer
 */
export async function dataVersion(path: string, mayBeMissing = false): Promise<DataVersion> {
  const { md5, warning, note } = await readPinnedSnapshot(path, mayBeMissing).catch((error: Error) => {
    throw new pulumi.RunError(error.message);
  });
  if (warning !== undefined) await pulumi.log.warn(warning);
  if (note !== undefined) await pulumi.log.info(note);
  return { path, md5 };
}
