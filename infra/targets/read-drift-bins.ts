import { readFileSync } from "node:fs";
import { driftBins } from "../../service/watch/drift-reference.ts";

/** An environment variable holds 128 KiB on Linux; a column takes some 400 bytes. */
const MOST_BYTES = 120_000;

/** The bins of a snapshot as text. Throws Error that says why there are none. */
export function readDriftBins(path: string): string {
  const bins = driftBins(readFileSync(path, "utf8"));
  if (bins === undefined) throw new Error(`${path} has too few rows`);
  if (Buffer.byteLength(bins) > MOST_BYTES)
    throw new Error(`${path} has so many columns that their bins take more than the ${MOST_BYTES} bytes of a variable`);
  return bins;
}

/** Empty where there are none: a page without drift is better than no service. @param tell gets the reason */
export function driftBinsOrNone(path: string, tell: (why: string) => void = () => {}): string {
  try {
    return readDriftBins(path);
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    return "";
  }
}
