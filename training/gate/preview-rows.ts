import { stat } from "node:fs/promises";
import type { DataFormat } from "../../data/reader/data-format.ts";
import { streamSnapshot } from "../snapshot.ts";
import type { Policy } from "./policy.ts";
import { rowsNeeded, rowsNeededText } from "./rows-needed.ts";

/** A preview does not read larger snapshots. */
const MOST_BYTES = 64 * 1024 * 1024;

interface Coming {
  readonly policy: Policy;
  readonly evaluationData: string;
  readonly dataFormat?: DataFormat | undefined;
}

/** Describes in one line how many rows the policy's intervals need and how many the evaluation snapshot has, for a preview before a model exists. Never throws. */
export async function previewRows({ policy, evaluationData: path, dataFormat }: Coming): Promise<string | undefined> {
  const needed = rowsNeeded(policy);
  return needed.length === 0 ? undefined : rowsNeededText(needed, path, await countRows(path, dataFormat));
}

/** Undefined if the snapshot is missing, unreadable or large: the update reports what is wrong with it. */
async function countRows(path: string, format: DataFormat | undefined): Promise<number | undefined> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) return undefined;
    return (await streamSnapshot(path, { format, others: "any", label: { kind: "any" } }, () => {})).rows;
  } catch {
    return undefined;
  }
}
