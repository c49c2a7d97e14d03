import type { DataContract } from "../../data/contract/data-contract.ts";
import type { DataFormat } from "../../data/reader/data-format.ts";
import { sliceRows } from "../../data/table.ts";
import { columnNames, type Signature } from "../../service/predictor/signature.ts";
import {
  loadSnapshot,
  requirePinned,
  type Snapshot,
  type SnapshotOptions,
  type SnapshotPart,
  type StreamedRows,
  streamSnapshot,
} from "../snapshot.ts";
import { checksOf } from "./checks/check-table.ts";
import { groupingsOf } from "./checks/slice-policy.ts";
import type { Grouping } from "./groups.ts";
import type { Task } from "./metrics/answered-rows.ts";
import { fieldsFor } from "./model-table.ts";
import type { Policy } from "./policy.ts";
import { labelKind } from "./task-of.ts";

/** An evaluation snapshot that is streamed through the models and never held in memory as a whole. */
interface SnapshotStream extends Pick<Snapshot, "path" | "md5" | "format"> {
  /** Reads all rows in order. May be called again. @throws Error if the data is at fault, after the parts before the fault */
  read(take: (part: SnapshotPart) => Promise<void> | void): Promise<StreamedRows>;
}

/** The rows to evaluate models on: a table in memory, or a stream of its parts. */
export type EvaluationData = Snapshot | SnapshotStream;

/** Result of reading a snapshot. */
export interface ReadData {
  /** Number of rows in the whole snapshot. */
  readonly rows: number;
  /** The first rows, or all rows if they are in memory. */
  readonly head: Snapshot;
}

/** Enough for timed calls of a model. */
const HEAD_ROWS = 1_024;

export const isHeld = (data: EvaluationData): data is Snapshot => "table" in data;

/** Whether the policy needs rows again, or next to those of other snapshots: then the table must be held. All other checks need only predictions. */
export const needsTable = (policy: Policy): boolean =>
  Boolean(policy.slices ?? policy.custom) || checksOf(policy).some(([{ needsTable }, terms]) => needsTable?.(terms));

/** Whether the policy compares with the distribution or the groups of the reference's rows. */
export const needsReference = ({ slices = {}, data }: Policy): boolean =>
  Boolean(data?.drift) || Object.values(slices).some((slice) => groupingsOf(slice).some(isByValue));

const isByValue = ({ cuts, quantiles, categories }: Grouping) => !cuts && !quantiles && !categories;

interface EvaluationFile {
  readonly path: string;
  /** MD5 that its pointer must have, if known. */
  readonly md5?: string | undefined;
  readonly format?: DataFormat | undefined;
  readonly policy: Policy;
  /** Its columns are read even if the model does not take them. */
  readonly contract?: DataContract | undefined;
}

/**
 * Opens the evaluation snapshot with the model's types of columns and label; without a model, only counts rows. Holds the table if the policy needs it,
 * else streams it.
 */
export async function evaluationData(
  { path, md5: expectedMd5, format, policy, contract }: EvaluationFile,
  model: ReadFor | undefined,
): Promise<EvaluationData> {
  const options: SnapshotOptions = {
    md5: expectedMd5,
    format,
    others: "any",
    ...(model ? readAs(model) : { label: { kind: "any" } }),
  };
  if (model && needsTable(policy)) return loadSnapshot(path, options);
  const { md5 } = await requirePinned(path, expectedMd5);
  // A model that names its columns takes no others.
  const own = model && columnNames(model.predictor.signature);
  const others = own && Object.keys(contract?.columns ?? {}).every((name) => own.includes(name)) ? "none" : "any";
  return { path, md5, format, read: (take) => streamSnapshot(path, { ...options, md5, others }, take) };
}

/** The model and task for which a snapshot is read. */
interface ReadFor {
  readonly predictor: { readonly signature: Signature };
  readonly task: Task;
}

export const readAs = ({ predictor, task }: ReadFor) => ({
  fields: fieldsFor(predictor.signature),
  label: labelKind(task),
});

/** Reads all parts in order. */
export async function readParts(
  data: EvaluationData,
  take: (part: SnapshotPart) => Promise<void> | void,
): Promise<ReadData> {
  if (isHeld(data)) {
    await take({ ...data, start: 0, likelyRows: data.rows });
    return { rows: data.rows, head: data };
  }
  let first: SnapshotPart | undefined;
  const { rows, unfit } = await data.read(async (part) => {
    first ??= part;
    await take(part);
  });
  if (!first) throw new Error(`${data.path} has no rows`);
  const { path, table, truth, format } = first;
  const head = sliceRows(table, 0, Math.min(HEAD_ROWS, table.rows));
  return { rows, head: { path, md5: data.md5, table: head, rows: head.rows, truth, unfit, format } };
}
