import { insteadOf } from "../data/near-name.ts";
import { type DataFormat, formatOf, labelsOf } from "../data/reader/data-format.ts";
import { groupingsOf } from "../training/gate/checks/slice-policy.ts";
import { MAX_HASHED_BYTES, sizeOf } from "./pinned-snapshot.ts";
import { BUILT_IN_TRAINER, type StagingSettings } from "./settings.ts";

type Role = "training" | "evaluation" | "reference";

/** A column that the stack's config names, and the snapshots that must have it. */
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
 * Finds columns that the config names and the snapshots lack, before anything is trained. Reads the header of each snapshot that is there; what
 * else is wrong with a snapshot is reported when it is read.
 * @param stack for the message
 */
export async function columnProblems(settings: StagingSettings, stack: string): Promise<ColumnProblems> {
  const { data } = settings;
  const format = formatOf(data);
  const named = namedColumns(settings);
  const errors: string[] = [];
  const headers: (readonly string[])[] = [];
  for (const role of ["training", "evaluation", "reference"] as const) {
    const path = data[role];
    const names = path === undefined ? undefined : await namesIn(path, format);
    if (path === undefined || names === undefined) continue;
    headers.push(names);
    for (const { key, column, roles } of named)
      if (roles.includes(role) && !names.includes(column))
        errors.push(
          `${key} names the column ${JSON.stringify(column)}, but ${path} does not have it: ${insteadOf([column], names)} (stack ${stack}). ` +
            `Set it with: pulumi config set --path ${key} <column>`,
        );
  }
  const excluded = excludedColumns(format ?? {});
  for (const { key, column } of named.filter(({ key }) => key.startsWith("gate.")))
    if (excluded.has(column))
      errors.push(
        `${key} names the column ${JSON.stringify(column)}, which ${excluded.get(column)} excludes from the data (stack ${stack})`,
      );
  const warnings = (data.ignore ?? [])
    .filter((column) => headers.length > 0 && headers.every((names) => !names.includes(column)))
    .map(
      (column) =>
        `data.ignore names the column ${JSON.stringify(column)}, which no snapshot has: ${insteadOf([column], headers[0] ?? [])}`,
    );
  return { errors, warnings };
}

function namedColumns({ data, gate, training }: StagingSettings): NamedColumn[] {
  // Another trainer may fit on rows without labels, such as a detector's.
  const fitted: Role[] = training.command === BUILT_IN_TRAINER && training.version === undefined ? ["training"] : [];
  const labels = labelsOf(data).map((column) => ({
    key: "data.label",
    column,
    roles: [...fitted, "evaluation" as const],
  }));
  const weights =
    data.weights === undefined
      ? []
      : [
          {
            key: "data.weights",
            column: data.weights,
            roles: [...fitted, "evaluation" as const, "reference" as const],
          },
        ];
  const id = data.id === undefined ? [] : [{ key: "data.id", column: data.id, roles: ["evaluation" as const] }];
  const slices = Object.entries(gate.slices ?? {}).flatMap(([name, slice]) =>
    groupingsOf(slice).map(({ column }) => ({
      key: `gate.slices.${name}.${slice.columns ? "columns" : "column"}`,
      column,
      roles: ["evaluation" as const],
    })),
  );
  return [...labels, ...weights, ...id, ...slices];
}

/** Config keys that exclude a column from the data, by its name. */
const excludedColumns = (format: DataFormat): ReadonlyMap<string, string> =>
  new Map([
    ...(format.ignore ?? []).map((name) => [name, "data.ignore"] as const),
    ...(format.id === undefined ? [] : [[format.id, "data.id"] as const]),
    ...(format.weights === undefined ? [] : [[format.weights, "data.weights"] as const]),
    ...labelsOf(format).map((name) => [name, "data.label"] as const),
  ]);

/** Undefined if the snapshot is missing, unreadable, or large and packed. */
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
