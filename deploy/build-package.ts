// `npm pack` runs this first: it compiles infra/library.ts, and what that starts or loads by its path (tsconfig.package.json lists
// it), to dist/, because Node runs no TypeScript below node_modules. The checkout itself never uses dist/.
import { spawnSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";

/** Read at run time, and no modules that the compiler would follow. */
const ASSETS = ["infra/deployment-check/look-inside.cjs", "infra/targets/local/requirements.txt"];

rmSync("dist", { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  ["node_modules/typescript/bin/tsc", "--project", "tsconfig.package.json"],
  {
    // npm pack --json prints its JSON to stdout.
    stdio: ["ignore", 2, 2],
  },
);
if (status !== 0) throw new Error(`tsc exited with ${status}; nothing is packed`);
for (const asset of ASSETS) cpSync(asset, `dist/${asset}`);
