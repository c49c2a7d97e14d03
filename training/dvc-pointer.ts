import { existsSync, readdirSync, realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { listedNames, shortened } from "../data/near-name.ts";

/** Content of a DVC pointer file: see https://dvc.org/doc/user-guide/project-structure/dvc-files */
export interface DvcPointer {
  /** Lower-case hexadecimal MD5 of the data file; for a folder, MD5 of its file list, followed by `.dir`. */
  readonly md5: string;
  /** Total bytes of the data file or folder. */
  readonly size: number;
}

const schema = z.object({
  outs: z.tuple([
    z.object({
      md5: z
        .string()
        .regex(/^[0-9a-f]{32}(?:\.dir)?$/, "must be 32 lower-case hexadecimal digits, followed by .dir for a folder"),
      size: z.int().nonnegative(),
      nfiles: z.int().nonnegative().optional(),
      hash: z.literal("md5").optional(),
      path: z.string(),
    }),
  ]),
});

/** Path of a data file's pointer: DVC stores it next to the file. */
export const dvcPointerPath = (dataPath: string): string => `${dataPath}.dvc`;

/**
 * Returns the path to use in DVC and git commands, which reject paths through a symbolic link. Resolves linked folders inside this project, such as the
 * sample's former folder; the file itself need not exist. A path outside the project stays unchanged.
 */
export function pathForDvc(dataPath: string): string {
  try {
    const real = relative(realpathSync("."), join(realpathSync(dirname(dataPath)), basename(dataPath)));
    return real.startsWith("..") ? dataPath : real;
  } catch {
    return dataPath;
  }
}

/** Formats a file's pointer, as `dvc add` writes it. @param name of the file, in the same folder */
export const dvcPointerText = ({ md5, size }: DvcPointer, name: string): string =>
  `outs:\n- md5: ${md5}\n  size: ${size}\n  hash: md5\n  path: ${name}\n`;

/** Describes what is there instead of a data file: its path may be misspelled. */
function missingData(path: string): string {
  const folder = dirname(path);
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => !/^\.|\.dvc$/.test(name)) : [];
  const others = files.length > 0 ? `: ${folder} has ${shortened(listedNames(files.sort()))}` : "";
  return `, and so is ${path}${others}`;
}

/**
 * Reads a DVC pointer file, such as `train.csv.dvc`.
 * @param path path of the pointer itself
 * @throws Error that names the file and the fault
 */
export async function readDvcPointer(path: string): Promise<DvcPointer> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw new Error(`${path} cannot be read`, { cause });
    const data = path.replace(/\.dvc$/, "");
    const pin = `Pin the data with: dvc add ${pathForDvc(data)} (install DVC with: pip install dvc)`;
    throw new Error(`${path} is missing${existsSync(data) ? "" : missingData(data)}. ${pin}`, { cause });
  }
  let content: unknown;
  try {
    content = parse(text);
  } catch (cause) {
    throw new Error(`${path} is not a DVC pointer: ${(cause as Error).message}`, { cause });
  }
  const parsed = schema.safeParse(content);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path: at, message }) => `${at.join(".") || "file"}: ${message}`);
    throw new Error(`${path} is not a DVC pointer to one file or folder: ${problems.join("; ")}`);
  }
  const [out] = parsed.data.outs;
  return { md5: out.md5, size: out.size };
}
