import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";

interface ModelFolder extends AsyncDisposable {
  readonly folder: string;
}

/** Copies a model's files with a different `metadata.prediction`. The copy is deleted when the `await using` scope ends. */
export async function withMetadata(original: string, prediction: object | undefined): Promise<ModelFolder> {
  const folder = await mkdtemp(join(tmpdir(), "model-copy-"));
  await cp(original, folder, { recursive: true });
  const mlmodel = parse(await readFile(join(original, "MLmodel"), "utf8"));
  await writeFile(
    join(folder, "MLmodel"),
    JSON.stringify({ ...mlmodel, ...(prediction && { metadata: { prediction } }) }),
  );
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
