import { createRequire } from "node:module";

let name: string | undefined;

/**
 * Names what runs models in this process: the version of onnxruntime and the platform, such as `onnxruntime 1.30.0, linux-x64`. Another one may
 * answer differently, so evidence names the one that answered, and a gate judges again when it changes.
 */
export function runtimeName(): string {
  name ??= `onnxruntime ${installedVersion()}, ${process.platform}-${process.arch}`;
  return name;
}

function installedVersion(): string {
  const { version }: { version?: unknown } = createRequire(import.meta.url)("onnxruntime-node/package.json");
  if (typeof version !== "string") throw new Error("the package.json of onnxruntime-node names no version");
  return version;
}
