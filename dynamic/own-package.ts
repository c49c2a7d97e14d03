import { realpathSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** Name that an installed package is imported by. The stacks of other projects hold it: see ownModule. */
const PACKAGE = "model-promotion";

/** The checkout runs its TypeScript as it is; only the npm package is compiled. */
const IS_PACKED = import.meta.filename.endsWith(".js");

/** Folder that holds the rooms: the checkout, or `dist/` of the package. */
const ROOT = dirname(import.meta.dirname);

/**
 * Returns what to import a module of this project by, from the folder of the Pulumi program: its path in the checkout, and a name
 * that does not depend on where npm put the package when it is installed. Stacks hold the text, so neither form may change.
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

/** pnpm installs into a folder named for the version, and links to it: the link's path survives an upgrade. */
function linkedRoot(): string | undefined {
  const linked = resolve("node_modules", PACKAGE, "dist");
  try {
    return IS_PACKED && realpathSync(linked) === ROOT ? linked : undefined;
  } catch {
    // A workspace keeps the package in a folder further up.
    return undefined;
  }
}
