// Pulumi requires a pack through ts-node, which takes no ES modules; Node itself runs their TypeScript: since 22.18 and 23.6.
if (!process.features.typescript) {
  const { RunError } = require("@pulumi/pulumi");
  throw new RunError(
    `Node ${process.versions.node} (${process.execPath}) cannot run this policy pack: it needs Node 22.18 or newer, which runs TypeScript directly. ` +
      'In a checkout `npm ci` brings one: start the CLI with it first on PATH, PATH="$PWD/node_modules/node/bin:$PATH" pulumi …, or run `npx pulumi …`',
  );
}
module.exports = import("./index.ts");
