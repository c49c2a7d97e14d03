/**
 * `node engine/cli.ts <verb>`: a small Pulumi deployment engine with the verbs and flags of the Pulumi CLI.
 * @module
 */
import { enableCompileCache } from "node:module";

// Before anything else is loaded: half of the time of a small update is loading code.
enableCompileCache();
const { main } = await import("./commands/main.ts");
process.exitCode = await main(process.argv.slice(2));
