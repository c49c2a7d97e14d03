import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ownFile } from "../../dynamic/own-package.ts";
import type { TrainingPipelineArgs } from "./training-pipeline.ts";

/**
 * Computes the SHA-256 of the files, and of the files directly in the folders, by name and content.
 * @throws Error that names the setting if one of them does not exist
 */
export function sourceHash(paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths.flatMap(filesOf).sort()) {
    const content = readFileSync(path);
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

function filesOf(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found)
    throw new Error(
      `training.sources names ${path}, which does not exist in ${process.cwd()}. It lists the trainer's files and folders`,
    );
  if (!found.isDirectory()) return [path];
  const entries = readdirSync(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(path, entry.name));
}

/** Command of the trainer that comes with this package. */
export const builtInCommand = (): string => `node ${ownFile("training/train.ts")}`;

/**
 * The trainer that comes with this package: logistic regression, exported to ONNX.
 * @param params `C` (inverse regularisation, 1) and `maxIterations` (200)
 */
export const builtInTrainer = (
  params: { readonly C?: number; readonly maxIterations?: number } = {},
): TrainingPipelineArgs["trainer"] => ({
  command: builtInCommand(),
  params: { ...params },
  sourceHash: sourceHash([ownFile("training")]),
});
