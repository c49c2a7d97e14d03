import { realpathSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** Import name of the installed package. The stacks of other projects store it: see ownModule. */
const PACKAGE = "model-promotion";

/** True in the npm package, which is compiled. A checkout runs its TypeScript directly. */
export const IS_PACKED = import.meta.filename.endsWith(".js");

/** Parent of the source folders: the checkout, or `dist/` of the package. */
const ROOT = dirname(import.meta.dirname);

/**
 * Returns the specifier by which the Pulumi program's folder imports a module of this project. In a checkout it is the module's path.
 * In an installed package it is a name that does not depend on where npm put the package. Stacks store it, so neither form may change.
 * @param path relative to the checkout's root, such as `./registry/promotion-provider.ts`
 */
export const ownModule = (path: string, isPacked = IS_PACKED): string =>
  isPacked ? path.replace(/^\./, PACKAGE).replace(/\.ts$/, "") : path;

/**
 * Returns the path of a file of this project, relative to the folder of the Pulumi program. Commands and processes are inputs of
 * resources, so the path must be the same on every machine.
 * @param path relative to the checkout's root, such as `service/main.ts`
 */
export function ownFile(path: string): string {
  return relative(process.cwd(), join(linkedRoot() ?? ROOT, IS_PACKED ? path.replace(/\.ts$/, ".js") : path));
}

/** Returns pnpm's link to the package. pnpm installs into a folder named after the version, but the link's path survives an upgrade. */
function linkedRoot(): string | undefined {
  const linked = resolve("node_modules", PACKAGE, "dist");
  try {
    return IS_PACKED && realpathSync(linked) === ROOT ? linked : undefined;
  } catch {
    // A workspace installs the package in a parent folder.
    return undefined;
  }
}
