import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Manifest } from "./render-stack.ts";

export const toYaml = (manifest: Manifest): string =>
  stringify(manifest, { aliasDuplicateObjects: false, lineWidth: 0 });

/** Names of files that an earlier render wrote. */
const RENDERED = /^\d{2}-[a-z]+-[a-z0-9.-]+\.yaml$/;

/**
 * Writes one numbered file per object, so that a folder is applied in order. Removes files of an earlier render: names contain hashes, so
 * outdated objects would be applied, too.
 */
export async function writeManifests(folder: string, manifests: readonly Manifest[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const file of await readdir(folder)) if (RENDERED.test(file)) await rm(join(folder, file));
  for (const [index, manifest] of manifests.entries()) {
    const { kind, metadata } = manifest;
    const file = `${String(index + 1).padStart(2, "0")}-${kind.toLowerCase()}-${metadata.name}.yaml`;
    await writeFile(join(folder, file), toYaml(manifest));
  }
}
