// @ts-check
// Imported before each script of package.json. Plain JavaScript, because the Node that runs it may be too old for TypeScript.
import { existsSync } from "node:fs";

/** @param {string} message */
function stop(message) {
  console.error(message);
  process.exit(1);
}

if (!process.features.typescript)
  stop(
    `this command requires Node 22.18 or newer, but Node ${process.versions.node} (${process.execPath}) ran it. Run \`npm ci\`, which installs one.`,
  );
if (!existsSync(new URL("../node_modules", import.meta.url)))
  stop("the project's packages are not installed. Run `npm ci`.");
