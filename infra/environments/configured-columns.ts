import { formatOf } from "../../data/reader/data-format.ts";
import { builtInCommand } from "../components/trainer-source.ts";
import type { ColumnNames } from "../named-columns.ts";
import type { StagingSettings } from "../settings.ts";

/** The columns that a stack's config names. */
export const configuredColumns = ({ data, gate, training }: StagingSettings, stack: string): ColumnNames => ({
  snapshots: data,
  format: formatOf(data),
  policy: gate,
  fitsLabels: training.command === builtInCommand() && training.version === undefined,
  keys: { format: "data", policy: "gate" },
  owner: ` (stack ${stack})`,
  wayOut: (key) => `. Set it with: pulumi config set --path ${key} <column>`,
});
