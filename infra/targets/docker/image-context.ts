import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { chmod, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { downloadModel } from "../../../registry/artifacts.ts";
import { attestationPath } from "../../../registry/attestation/folder-envelope.ts";
import { readAttestation } from "../../../registry/attestation/store.ts";
import { readGateEvidence } from "../../../registry/evidence.ts";
import { MlflowClient, type RegistryAccess } from "../../../registry/mlflow-client.ts";
import { getModelVersion } from "../../../registry/model-versions.ts";
import { placeModel, writeIfChanged } from "./context-files.ts";
import type { ImageSettings } from "./docker-settings.ts";
import { type ImagePlan, planImage } from "./image-plan.ts";
import { pruneLock } from "./pruned-lock.ts";
import { cycloneDx } from "./sbom.ts";
import { sourceClosure } from "./source-closure.ts";

const run = promisify(execFile);
/** In the context, and below /app in the image. The signed statement is beside it. */
const MODEL = "approved/model";
/** In the context, and in /app of the image. */
export const SBOM = "sbom.cdx.json";

export interface ContextRequest {
  readonly registry: RegistryAccess;
  readonly modelName: string;
  readonly version: string;
  /** Approved digest: other files are rejected. */
  readonly sha256: string;
  readonly settings: ImageSettings;
  /** PEM; if set, the image contains the gate's signed verdict beside the model. */
  readonly gatePublicKey?: string | undefined;
  /** Folder for contexts, relative to the project's root. */
  readonly folder: string;
}

export interface AssembledContext extends ImagePlan {
  /** The build context, relative to the project's root. */
  readonly path: string;
  /** npm packages of the image: version by name, as locked. */
  readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * Writes exactly the contents of an image to a folder named by their hash, so that edits to other files do not change it.
 *
 * The program itself calls this, even in a preview: on a machine that has not built the image, such as a fresh CI runner,
 * the docker provider needs the context to see that it has not changed.
 * @throws Error if the registry's files are not the approved ones
 */
export async function assembleContext(request: ContextRequest): Promise<AssembledContext> {
  const { modelName, version, sha256, settings, folder } = request;
  const { files, sources, dependencies } = imageFiles(".");
  const client = new MlflowClient(request.registry);
  if (request.gatePublicKey !== undefined) {
    const evidence = readGateEvidence(await getModelVersion(client, modelName, version));
    const envelope = await readAttestation(client, evidence?.attestation);
    if (envelope !== undefined) files.set(attestationPath(MODEL), envelope);
  }
  const commit = await lastCommit(sources);
  const plan = planImage({ modelName, version, sha256, files, commit, settings });
  const path = join(folder, plan.tag);
  const partial = `${path}.partial-${process.pid}`;
  await placeModel(
    join(path, MODEL),
    sha256,
    partial,
    async (into) => downloadModel(client, await getModelVersion(client, modelName, version), into),
    (actual) =>
      new Error(
        `${modelName} version ${version}: its files changed after they were approved: ` +
          `sha256 ${sha256} was approved, the registry now has ${actual}`,
      ),
  );
  for (const [file, content] of files) await writeIfChanged(join(path, file), content, partial);
  await normalizeModes(path);
  return { ...plan, path, dependencies };
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

/** Makes modes independent of the umask, because the docker provider hashes them. */
async function normalizeModes(path: string): Promise<void> {
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true }))
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
}
