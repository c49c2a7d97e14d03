// Compiles the entries of infra/library/, and the modules that they start or load by path (listed in tsconfig.package.json), to dist/. `npm pack` runs
// this first, because Node does not run TypeScript below node_modules. The checkout itself never uses dist/.
import { spawnSync } from "node:child_process";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { checkoutImage } from "../infra/targets/docker/image-files.ts";
import { PACKED_IMAGE, packImage } from "../infra/targets/docker/service-image.ts";

/** Files that are read at run time, and that the compiler does not copy. */
const ASSETS = [
  "infra/deployment-check/look-inside.cjs",
  "infra/targets/docker/mlflow-drivers.txt",
  "infra/targets/docker/mlflow.Dockerfile",
  "infra/targets/docker/mlflow.Dockerfile.dockerignore",
  "infra/targets/kubernetes/keep-running.mjs",
  "infra/targets/local/requirements.txt",
];

/** Modules that only a checkout loads: they read its sources and its lock file. */
const CHECKOUT_ONLY = ["image-files", "pruned-lock", "sbom", "source-closure"];

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
for (const name of CHECKOUT_ONLY)
  for (const extension of ["js", "d.ts"]) rmSync(`dist/infra/targets/docker/${name}.${extension}`);
writeFileSync(`dist/${PACKED_IMAGE}`, packImage(await checkoutImage(".")));
