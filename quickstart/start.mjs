// Entry of `npm run quickstart`: plain JavaScript, because the Node that starts it may be too old for the rest. It installs
// the packages, Node 24 among them, and hands over.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";

const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 20) {
  console.error(
    `Node ${process.versions.node} is too old to start with; install Node 20 or newer (https://nodejs.org).`,
  );
  process.exit(1);
}

const installed = "node_modules/.package-lock.json";
const current = existsSync(installed) && statSync(installed).mtimeMs >= statSync("package-lock.json").mtimeMs;
if (!current) {
  console.log("Installing the packages of package-lock.json (npm ci) …");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { stdio: "inherit" });
  if (status !== 0) {
    console.error("npm ci failed; see its message above. Then run this command again.");
    process.exit(status ?? 1);
  }
}

const args = process.argv.slice(2);
const story = args.includes("--down") ? ["quickstart/down.ts"] : ["quickstart/run.ts", ...args];
const child = spawnSync("node_modules/.bin/node", story, { stdio: "inherit" });
if (child.error)
  console.error(`Node 24 could not be started: ${child.error.message}. Remove node_modules and run this again.`);
process.exit(child.status ?? 1);
