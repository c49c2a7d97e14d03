// Pulumi loads a pack through ts-node, which does not support ES modules. Node runs TypeScript directly since 22.18 and 23.6.
if (!process.features.typescript) {
  const { RunError } = require("@pulumi/pulumi");
  throw new RunError(
    `Node ${process.versions.node} (${process.execPath}) cannot run this policy pack: it needs Node 22.18 or newer, which runs TypeScript directly. ` +
      'In a checkout, `npm ci` installs one: put it first on PATH (PATH="$PWD/node_modules/node/bin:$PATH" pulumi …), or run `npx pulumi …`',
  );
}
module.exports = import("./index.ts");
