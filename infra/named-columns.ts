import * as pulumi from "@pulumi/pulumi";
import { insteadOf } from "../data/near-name.ts";
import { type DataFormat, labelsOf } from "../data/reader/data-format.ts";
import { groupingsOf } from "../training/gate/checks/slice-policy.ts";
import type { Policy } from "../training/gate/policy.ts";
import { MAX_HASHED_BYTES, sizeOf } from "./pinned-snapshot.ts";

type Role = "training" | "evaluation" | "reference";

/** Snapshots, and what names their columns. */
export interface ColumnNames {
  readonly snapshots: Readonly<Partial<Record<Role, string>>>;
  readonly format: DataFormat | undefined;
  readonly policy: Pick<Policy, "slices">;
  /** Whether the trainer requires label and weights in the training snapshot. Another trainer may fit on rows without labels, such as a detector's. */
  readonly fitsLabels: boolean;
  /** Where format and policy are set, for the messages. */
  readonly keys: { readonly format: string; readonly policy: string };
  /** Whose config it is, such as ` (stack staging)`. */
  readonly owner: string;
  /** How to set a key. */
  readonly wayOut: (key: string) => string;
}

/** A column that the config names, and the snapshots that must have it. */
interface NamedColumn {
  /** Such as `data.label`. */
  readonly key: string;
  readonly column: string;
  readonly roles: readonly Role[];
}

export interface ColumnProblems {
  /** Training, gate or service would fail. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Rejects columns that the config names and the snapshots lack: training would take its time before the gate noticed.
 * @param mayBeOthers whether the update itself or another machine provides the data: problems are then warnings
 * @throws RunError, which the engine shows without a stack trace
 */
export async function requireColumns(names: ColumnNames, mayBeOthers: boolean): Promise<void> {
  const { errors, warnings } = await columnProblems(names);
  for (const warning of warnings) await pulumi.log.warn(warning);
  if (errors.length === 0) return;
  if (!mayBeOthers) throw new pulumi.RunError(errors.join("\n"));
  for (const error of errors) await pulumi.log.warn(error);
}

/**
 * Finds columns that the config names and the snapshots lack, before anything is trained. Reads the header of each snapshot that is there; what
 * else is wrong with a snapshot is reported when it is read.
 */
export async function columnProblems(names: ColumnNames): Promise<ColumnProblems> {
  const { snapshots, format, keys, owner, wayOut } = names;
  const named = namedColumns(names);
  const errors: string[] = [];
  const headers: (readonly string[])[] = [];
  for (const role of ["training", "evaluation", "reference"] as const) {
    const path = snapshots[role];
    const found = path === undefined ? undefined : await namesIn(path, format);
    if (path === undefined || found === undefined) continue;
    headers.push(found);
    for (const { key, column, roles } of named)
      if (roles.includes(role) && !found.includes(column))
        errors.push(
          `${key} names the column ${JSON.stringify(column)}, but ${path} does not have it: ${insteadOf([column], found)}${owner}${wayOut(key)}`,
        );
  }
  const excluded = excludedColumns(format ?? {}, keys.format);
  for (const { key, column } of named.filter(({ key }) => key.startsWith(`${keys.policy}.`)))
    if (excluded.has(column))
      errors.push(
        `${key} names the column ${JSON.stringify(column)}, which ${excluded.get(column)} excludes from the data${owner}`,
      );
  const warnings = (format?.ignore ?? [])
    .filter((column) => headers.length > 0 && headers.every((header) => !header.includes(column)))
    .map(
      (column) =>
        `${keys.format}.ignore names the column ${JSON.stringify(column)}, which no snapshot has: ${insteadOf([column], headers[0] ?? [])}`,
    );
  return { errors, warnings };
}

function namedColumns({ format = {}, policy, fitsLabels, keys }: ColumnNames): NamedColumn[] {
  const fitted: Role[] = fitsLabels ? ["training"] : [];
  const inFormat = (key: "label" | "weights" | "id", column: string | undefined, roles: readonly Role[]) =>
    column === undefined ? [] : [{ key: `${keys.format}.${key}`, column, roles }];
  const slices = Object.entries(policy.slices ?? {}).flatMap(([name, slice]) =>
    groupingsOf(slice).map(({ column }) => ({
      key: `${keys.policy}.slices.${name}.${slice.columns ? "columns" : "column"}`,
      column,
      roles: ["evaluation" as const],
    })),
  );
  return [
    ...labelsOf(format).flatMap((column) => inFormat("label", column, [...fitted, "evaluation"])),
    ...inFormat("weights", format.weights, [...fitted, "evaluation", "reference"]),
    ...inFormat("id", format.id, ["evaluation"]),
    ...slices,
  ];
}

/** Config keys that exclude a column from the data, by its name. */
const excludedColumns = (format: DataFormat, key: string): ReadonlyMap<string, string> =>
  new Map([
    ...(format.ignore ?? []).map((name) => [name, `${key}.ignore`] as const),
    ...(format.id === undefined ? [] : [[format.id, `${key}.id`] as const]),
    ...(format.weights === undefined ? [] : [[format.weights, `${key}.weights`] as const]),
    ...labelsOf(format).map((name) => [name, `${key}.label`] as const),
  ]);

/** Undefined if the snapshot is missing or unreadable, or if it is large packed Parquet. */
async function namesIn(path: string, format: DataFormat | undefined): Promise<readonly string[] | undefined> {
  try {
    const size = await sizeOf(path);
    if (size === undefined) return undefined;
    // Loaded only here: production reads no snapshot.
    const { readNames } = await import("../data/reader/read-table.ts");
    return await readNames(path, format, size > MAX_HASHED_BYTES);
  } catch {
    return undefined;
  }
}
