// The engine's path before it became a package: commands in READMEs that `npm run new` wrote, and in scripts, keep working.
import { resolve } from "node:path";

const { execPath, argv, env } = process;
const program = resolve(import.meta.dirname, "../packages/engine/cli.ts");
if (!process.execve)
  throw new Error(`engine/cli.ts cannot start another program on ${process.platform}. Run ${program}`);
// Replaces this process: exit code, signals and terminal are the engine's.
process.execve(execPath, [execPath, program, ...argv.slice(2)], env);
