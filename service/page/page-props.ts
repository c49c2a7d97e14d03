import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AppOptions } from "../api.ts";
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
  const categories = new Map(reference.map(({ name, binning }) => [name, binning.categories.map(String)] as const));
  return {
    categories,
    ranges,
    example: await readExampleRow(folder, signature, ranges, categories),
    created: await readCreated(folder),
    started: new Date(performance.timeOrigin),
  };
}

/** Matches JSON and YAML: `utc_time_created: '2026-11-14 09:30:12.123456'`. */
const CREATED = /^\s*["']?utc_time_created["']?:\s*["']?(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)/m;

/** Reads when MLflow, or this project's trainer, saved the model; undefined if its MLmodel does not record it. */
export async function readCreated(folder: string | undefined): Promise<Date | undefined> {
  if (folder === undefined) return undefined;
  const text = await readFile(join(folder, "MLmodel"), "utf8").catch(() => "");
  return createdOf(text);
}

export function createdOf(mlmodel: string): Date | undefined {
  const [, day, time] = CREATED.exec(mlmodel) ?? [];
  const date = new Date(`${day}T${time}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
