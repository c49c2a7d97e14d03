/**
 * `node batch.ts '[["config","set",…],…]'`: runs verbs of the engine one after the other in one process, which is what most
 * of a short verb costs, and prints what each came to. It stops at the first that fails.
 */
import { enableCompileCache } from "node:module";
import type { Result } from "./scenario.ts";

enableCompileCache();
const { main } = await import("../../commands/main.ts");

const write = { stdout: process.stdout.write.bind(process.stdout), stderr: process.stderr.write };
const results: Result[] = [];
for (const args of JSON.parse(process.argv[2] ?? "[]") as string[][]) {
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    process[stream].write = (text: string | Uint8Array) => {
      output[stream] += typeof text === "string" ? text : Buffer.from(text).toString();
      return true;
    };
  const exit = await main(args);
  results.push({ exit, ...output });
  if (exit !== 0) break;
}
write.stdout(JSON.stringify(results));
