import type * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../dynamic/lazy-resource.ts";
import { dvcPointerPath, readDvcPointer } from "../../training/dvc-pointer.ts";

export interface DriftBinsArgs {
  /** Of the snapshot, CSV or Parquet. */
  readonly path: string;
  /** From its DVC pointer: another snapshot has other bins. */
  readonly md5: pulumi.Input<string>;
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

/** DRIFT_REFERENCE of a service that shows the drift from a snapshot; empty where there are no bins: a variable that is empty counts as not set. */
export function driftReference(
  name: string,
  path: string,
  after: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const md5 = readDvcPointer(dvcPointerPath(path)).then(
    (pointer) => pointer.md5,
    () => "",
  );
  return new DriftBins(`${name}-drift`, { path, md5, after }, opts).bins.apply((bins = "") => bins);
}
