import { copyFile, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SOURCE = "models/churn/data/evaluation.csv";

/** A copy of the evaluation snapshot without its last row, with the pointer of the complete one. */
export async function staleCopy(): Promise<{ folder: string; path: string }> {
  const folder = await mkdtemp(join(tmpdir(), "stale-"));
  const path = join(folder, "evaluation.csv");
  const rows = (await readFile(SOURCE, "utf8")).trimEnd().split("\n");
  await writeFile(path, `${rows.slice(0, -1).join("\n")}\n`);
  await copyFile(`${SOURCE}.dvc`, `${path}.dvc`);
  return { folder, path };
}
