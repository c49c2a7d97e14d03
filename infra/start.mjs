// @ts-check
// The entry point is plain JavaScript, so that a Node that cannot run TypeScript can still report it.
import { fileURLToPath } from "node:url";

/** Node reports whether it runs TypeScript directly: since 22.18 and 23.6, or with a flag. */
if (!process.features.typescript) {
  const { default: pulumi } = await import("@pulumi/pulumi");
  const folder = fileURLToPath(new URL("../node_modules/node/bin", import.meta.url));
  throw new pulumi.RunError(
    `Node ${process.versions.node} (${process.execPath}) cannot run this program: it requires Node 22.18 or newer, which runs TypeScript directly. ` +
      `\`npm ci\` installs one: start the CLI with it first on PATH, PATH="${folder}:$PATH" pulumi …, or run \`npx pulumi …\``,
  );
}

export default (await import("./index.ts")).default;
