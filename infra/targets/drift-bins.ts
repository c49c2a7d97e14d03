import type * as pulumi from "@pulumi/pulumi";
import type { DataFormat } from "../../data/reader/data-format.ts";
import { LazyResource } from "../../dynamic/lazy-resource.ts";

/** Source of the bins that requests are compared with. */
export interface ReferenceSource {
  /** Reference bins that the version's gate built with the model's types; undefined if it built none, or an earlier release judged the version. */
  readonly ofGate?: pulumi.Output<string | undefined>;
  /** Snapshot (CSV or Parquet) to use if there are no such bins. */
  readonly path?: string | undefined;
  /** Format of the snapshot. */
  readonly format?: DataFormat | undefined;
}

interface DriftBinsArgs {
  readonly ofGate?: pulumi.Input<string | undefined>;
  readonly path?: pulumi.Input<string | undefined>;
  /** MD5 from the snapshot's DVC pointer: another snapshot has different bins. */
  readonly md5?: pulumi.Input<string | undefined>;
  readonly format?: pulumi.Input<DataFormat> | undefined;
  /** An output that is known once the snapshot has been fetched. */
  readonly after: pulumi.Input<string>;
}

/**
 * Bins of a snapshot, the only form of reference data that services read. They are kept in the state, so that a machine without the data, such as a runner that promotes,
 * causes no change.
 */
class DriftBins extends LazyResource {
  /** DRIFT_REFERENCE; empty without bins. */
  declare readonly bins: pulumi.Output<string>;

  constructor(name: string, args: DriftBinsArgs, opts?: pulumi.CustomResourceOptions) {
    super("DriftBins", "./infra/targets/drift-bins-provider.ts", name, { ...args, bins: undefined }, opts);
  }
}

/** DRIFT_REFERENCE of a service that shows drift; empty without bins, because an empty variable counts as not set. */
export function driftReference(
  name: string,
  { ofGate, path, format }: ReferenceSource,
  after: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const source = ofGate
    ? withSnapshotFallback(ofGate, path)
    : { path, md5: path === undefined ? undefined : md5Of(path) };
  return new DriftBins(`${name}-drift`, { ...source, ...(format && { format }), after }, opts).bins.apply(
    (bins = "") => bins,
  );
}

/** Uses the snapshot only if the gate built no bins, because production need not have staging's snapshot. */
const withSnapshotFallback = (ofGate: pulumi.Output<string | undefined>, path: string | undefined) => ({
  ofGate,
  path: ofGate.apply((bins) => (bins === undefined ? path : undefined)),
  md5: ofGate.apply(async (bins) => (bins === undefined && path !== undefined ? md5Of(path) : undefined)),
});

/** Reads the MD5 from the snapshot's pointer; empty if this machine has none. */
async function md5Of(path: string): Promise<string> {
  // Loaded lazily: production rarely needs it.
  const { dvcPointerPath, readDvcPointer } = await import("../../training/dvc-pointer.ts");
  return readDvcPointer(dvcPointerPath(path)).then(
    ({ md5 }) => md5,
    () => "",
  );
}
