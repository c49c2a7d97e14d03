// Starts the service as main.ts does, which see, with what Node has compiled kept in the user's cache: from the second start on nothing is compiled or stripped
// of its types, which is half of a start's time, and the stripper's own memory is not needed. That has to be in force before the first TypeScript
// file, hence this one. The folder is the user's own, since what stands there is run; where it cannot be written, all is as without it.
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

enableCompileCache(process.env.NODE_COMPILE_CACHE ?? join(homedir(), ".cache", "model-promotion", "compiled"));
await import("./main.ts");
