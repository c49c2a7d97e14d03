#!/usr/bin/env node
/**
 * `node packages/engine/cli.ts <verb>`: a small Pulumi deployment engine with the verbs and flags of the Pulumi CLI.
 * @module
 */
import { enableCompileCache } from "node:module";

// Enabled before anything else is loaded, because loading code takes half the time of a small update.
enableCompileCache();
const { main } = await import("./commands/main.ts");
const code = await main(process.argv.slice(2));
// Exits explicitly, because a failure may leave a socket open. Pending output is flushed first.
for (const stream of [process.stdout, process.stderr]) await new Promise((resolve) => stream.write("", resolve));
process.exit(code);
