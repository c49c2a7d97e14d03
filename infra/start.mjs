// @ts-check
// The program's entry is plain JavaScript: a Node that cannot run the TypeScript of the rest can still say so.
import { fileURLToPath } from "node:url";

/** Node's own word on whether it runs TypeScript as it is: since 22.18 and 23.6, or by a flag. */
if (!process.features.typescript) {
  const { default: pulumi } = await import("@pulumi/pulumi");
  const folder = fileURLToPath(new URL("../node_modules/node/bin", import.meta.url));
  throw new pulumi.RunError(
    `Node ${process.versions.node} (${process.execPath}) cannot run this program: it needs Node 22.18 or newer, which runs TypeScript directly. ` +
      `\`npm ci\` brings one: start the CLI with it first on PATH, PATH="${folder}:$PATH" pulumi …, or run \`npx pulumi …\``,
  );
}

export default (await import("./index.ts")).default;
