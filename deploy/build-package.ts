// Compiles infra/library.ts, and the modules that it starts or loads by path (listed in tsconfig.package.json), to dist/. `npm pack` runs this first,
// because Node does not run TypeScript below node_modules. The checkout itself never uses dist/.
import { spawnSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";

/** Files that are read at run time, and that the compiler does not copy. */
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
