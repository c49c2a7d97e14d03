import { createRequire } from "node:module";

let name: string | undefined;

/**
 * Returns the runtime of this process: onnxruntime version and platform, such as `onnxruntime 1.30.0, linux-x64`. Another runtime may predict
 * differently, so evidence records the one used, and the gate runs again when it changes.
 */
export function runtimeName(): string {
  name ??= `onnxruntime ${installedVersion()}, ${process.platform}-${process.arch}`;
  return name;
}

function installedVersion(): string {
  const { version }: { version?: unknown } = createRequire(import.meta.url)("onnxruntime-node/package.json");
  if (typeof version !== "string") throw new Error("the package.json of onnxruntime-node has no version");
  return version;
}
