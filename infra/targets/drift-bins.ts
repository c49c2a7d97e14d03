import type * as pulumi from "@pulumi/pulumi";
import type { DataFormat } from "../../data/reader/data-format.ts";
import { LazyResource } from "../../dynamic/lazy-resource.ts";

/** What requests are compared with. */
export interface ReferenceSource {
  /** The reference bins that the version's gate made by the model's types; undefined if it made none, or an earlier release judged it. */
  readonly ofGate?: pulumi.Output<string | undefined>;
  /** Snapshot (CSV or Parquet) to use if there are no such bins. */
  readonly path?: string | undefined;
  /** How the snapshot is written. */
  readonly format?: DataFormat | undefined;
}

export interface DriftBinsArgs {
  readonly ofGate?: pulumi.Input<string | undefined>;
  readonly path?: pulumi.Input<string | undefined>;
  /** From the snapshot's DVC pointer: another snapshot has other bins. */
  readonly md5?: pulumi.Input<string | undefined>;
  readonly format?: pulumi.Input<DataFormat> | undefined;
  /** Known when the snapshot has been fetched, should it be kept elsewhere. */
  readonly after: pulumi.Input<string>;
}

/**
 * The bins of a snapshot, since services take nothing else. They are kept in the state: a machine that has no data, such as a runner that promotes,
 * changes nothing.
 */
export class DriftBins extends LazyResource {
  /** DRIFT_REFERENCE; empty where there are none. */
  declare readonly bins: pulumi.Output<string>;

  constructor(name: string, args: DriftBinsArgs, opts?: pulumi.CustomResourceOptions) {
    super("DriftBins", "./infra/targets/drift-bins-provider.ts", name, { ...args, bins: undefined }, opts);
  }
}

/** DRIFT_REFERENCE of a service that shows the drift; empty where there are no bins: a variable that is empty counts as not set. */
export function driftReference(
  name: string,
  { ofGate, path, format }: ReferenceSource,
  after: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const source = ofGate
    ? withSnapshotBehind(ofGate, path)
    : { path, md5: path === undefined ? undefined : md5Of(path) };
  return new DriftBins(`${name}-drift`, { ...source, ...(format && { format }), after }, opts).bins.apply(
    (bins = "") => bins,
  );
}

/** The snapshot is used only if the gate made no bins: production need not have staging's snapshot. */
const withSnapshotBehind = (ofGate: pulumi.Output<string | undefined>, path: string | undefined) => ({
  ofGate,
  path: ofGate.apply((bins) => (bins === undefined ? path : undefined)),
  md5: ofGate.apply(async (bins) => (bins === undefined && path !== undefined ? md5Of(path) : undefined)),
});

/** Empty for a snapshot that has no pointer here. */
async function md5Of(path: string): Promise<string> {
  // Loaded lazily: production rarely needs it.
  const { dvcPointerPath, readDvcPointer } = await import("../../training/dvc-pointer.ts");
  return readDvcPointer(dvcPointerPath(path)).then(
    ({ md5 }) => md5,
    () => "",
  );
}
