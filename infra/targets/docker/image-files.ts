import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { pruneLock } from "./pruned-lock.ts";
import { cycloneDx } from "./sbom.ts";
import type { ServiceImage } from "./service-image.ts";
import { sourceClosure } from "./source-closure.ts";

const run = promisify(execFile);
/** In the context, and in /app of the image. */
export const SBOM = "sbom.cdx.json";

/** Returns the image's files from a checkout's sources. */
export async function checkoutImage(root: string): Promise<ServiceImage> {
  const { files, sources, dependencies } = imageFiles(root);
  return { files, dependencies, commit: await lastCommit(sources) };
}

/** Returns the context's files by path, except the model's, and the project's files that they come from. */
export function imageFiles(root: string) {
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  const closure = sourceClosure(root, "service");
  const { manifest, lock } = pruneLock(JSON.parse(read("package-lock.json")), closure.packages);
  const files = new Map<string, string>([
    ["Dockerfile", read("service/Dockerfile")],
    ["package.json", `${JSON.stringify(manifest, null, 2)}\n`],
    ["package-lock.json", `${JSON.stringify(lock, null, 2)}\n`],
    [SBOM, `${JSON.stringify(cycloneDx("model-promotion-service", lock), null, 2)}\n`],
    ...closure.files.map((file) => [`app/${file}`, read(file)] as const),
  ]);
  const dependencies = Object.fromEntries(
    Object.entries(lock.packages).flatMap(([path, { version }]) =>
      path.startsWith("node_modules/") && version ? [[path.slice("node_modules/".length), version]] : [],
    ),
  );
  // Not package-lock.json: most of its commits concern packages that the image does not contain.
  return { files, sources: ["service/Dockerfile", ...closure.files], dependencies };
}

/** Returns the last commit that touched the files, with `-dirty` if they differ from it; "unknown" without git. */
async function lastCommit(paths: readonly string[]): Promise<string> {
  try {
    const { stdout: commit } = await run("git", ["log", "-1", "--format=%H", "--", ...paths]);
    const { stdout: changes } = await run("git", ["status", "--porcelain", "--", ...paths]);
    return `${commit.trim() || "unknown"}${changes === "" ? "" : "-dirty"}`;
  } catch {
    return "unknown";
  }
}
