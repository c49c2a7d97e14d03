import { readFile } from "node:fs/promises";
import * as pulumi from "@pulumi/pulumi";
import { driftBins } from "../service/watch/drift-reference.ts";

/** An environment variable holds 128 KiB on Linux; a column takes some 300 bytes. */
const MOST_BYTES = 100_000;

/**
 * DRIFT_REFERENCE of a service that cannot read this machine's files: the bins of a snapshot. Undefined, with a warning, where there are none: a page
 * without drift is better than no service.
 * @param after known when the snapshot has been fetched, should it be kept elsewhere
 */
export function driftReference(
  path: string | undefined,
  after: pulumi.Input<string>,
): pulumi.Output<string | undefined> {
  if (path === undefined) return pulumi.output(undefined);
  return pulumi.output(after).apply(async () => {
    const bins = await readFile(path, "utf8").then(
      (text) => driftBins(text) ?? new Error("it has too few rows"),
      (cause: Error) => cause,
    );
    const text = typeof bins === "string" && bins.length > MOST_BYTES ? new Error("it has too many columns") : bins;
    if (typeof text === "string") return text;
    await pulumi.log.warn(`the service's page shows no drift: data.reference ${path}: ${text.message}`);
    return undefined;
  });
}
