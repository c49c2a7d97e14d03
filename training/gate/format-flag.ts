import { readFile } from "node:fs/promises";
import { type DataFormat, parseFormat } from "../../data/reader/data-format.ts";

/** Parses the flag --format: JSON, or `@` and the path of a file that contains it. */
export const readFormat = async (flag: string): Promise<DataFormat> =>
  parseFormat(flag.startsWith("@") ? await readFile(flag.slice(1), "utf8") : flag, "--format");
