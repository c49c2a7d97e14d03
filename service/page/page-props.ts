import type { AppOptions } from "../api.ts";
import { readCreated } from "./created.ts";
import { readExampleRow } from "./example-row.ts";
import { numberRanges } from "./number-range.ts";
import type { PageProps } from "./page.ts";

/** Reads what the page needs from the model's files and the drift reference. */
export async function readPageProps({
  predictor,
  folder,
  reference = [],
}: Pick<AppOptions, "predictor" | "folder" | "reference">): Promise<
  Pick<PageProps, "categories" | "ranges" | "example" | "created" | "started">
> {
  const { signature } = predictor;
  const ranges = numberRanges(reference, signature);
  return {
    categories: new Map(reference.map(({ name, binning }) => [name, binning.categories.map(String)] as const)),
    ranges,
    example: await readExampleRow(folder, signature, ranges),
    created: await readCreated(folder),
    started: new Date(performance.timeOrigin),
  };
}
