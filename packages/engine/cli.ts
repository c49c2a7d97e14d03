#!/usr/bin/env node
/**
 * `node packages/engine/cli.ts <verb>`: a small Pulumi deployment engine with the verbs and flags of the Pulumi CLI.
 * @module
 */
import { enableCompileCache } from "node:module";

// Before anything else is loaded: half of the time of a small update is loading code.
enableCompileCache();
const { main } = await import("./commands/main.ts");
const code = await main(process.argv.slice(2));
// Exits with everything that a failure may have left open, such as a socket; output that is still on its way comes first.
for (const stream of [process.stdout, process.stderr]) await new Promise((resolve) => stream.write("", resolve));
process.exit(code);
