import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";

export interface SourceClosure {
  /** Paths relative to the root, separated by `/`, sorted. */
  readonly files: readonly string[];
  /** npm packages that the files import, sorted. */
  readonly packages: readonly string[];
}

/**
 * Finds a folder's TypeScript files and all their transitive imports: exactly what a program needs to run.
 * @param root folder that paths are relative to
 * @param folder the program's own folder, included entirely
 * @throws Error if an imported file does not exist
 */
export function sourceClosure(root: string, folder: string): SourceClosure {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string) => {
    if (files.has(file)) return;
    files.add(file);
    for (const { fileName } of ts.preProcessFile(readFileSync(join(root, file), "utf8")).importedFiles) {
      if (fileName.startsWith(".")) visit(posix.join(posix.dirname(file), fileName));
      else if (!fileName.startsWith("node:")) packages.add(packageOf(fileName));
    }
  };
  for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
    visit(posix.join(folder, join(entry.parentPath, entry.name).slice(join(root, folder).length + 1)));
  }
  return { files: [...files].sort(), packages: [...packages].sort() };
}

/** `@hono/node-server/conninfo` belongs to the package `@hono/node-server`. */
const packageOf = (specifier: string) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
