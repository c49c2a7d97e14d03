import { mkdir, rename, rm, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { digestFolder } from "../registry/artifact-digest.ts";
import { type Distrust, distrustFolder, gateKey } from "./gate-signature.ts";

/** Which model it is. */
export interface ModelIdentity {
  readonly name: string;
  readonly version: string;
  readonly stage: string;
  /** digestFolder of the model's folder. */
  readonly sha256: string;
}

export interface LoadedModel extends ModelIdentity {
  /** The model's files; on this machine, so that the registry is not needed any more. */
  readonly folder: string;
}

export interface ModelRequest {
  /** Path of a model's folder, or `models:/name/version`, `models:/name@alias`, `models:/name/Stage`. */
  readonly uri: string;
  /** Folder for downloaded models, each in a folder named by its digest. */
  readonly cache: string;
  /** Expected, when given: another digest is refused. */
  readonly sha256?: string | undefined;
  /** Told by whoever starts the service. A folder does not know them; where the registry does, they must agree. */
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  readonly stage?: string | undefined;
  /** PEM; when given, only a model whose gate verdict is signed with its private half is loaded. */
  readonly gatePublicKey?: string | undefined;
}

/** A model that cannot be loaded, or is not the one asked for. */
export class ModelSourceError extends Error {
  override readonly name = "ModelSourceError";
}

/** Loads a model's files and checks them. Throws ModelSourceError, or RegistryError for what the registry says. */
export async function loadModel(request: ModelRequest): Promise<LoadedModel> {
  return request.uri.startsWith("models:") ? fromRegistry(request) : fromFolder(request);
}

async function fromFolder(request: ModelRequest): Promise<LoadedModel> {
  const folder = resolve(request.uri);
  if (!(await stat(folder).catch(() => undefined))?.isDirectory())
    throw new ModelSourceError(
      `MODEL_URI names ${folder}, which is no folder. Set it to a model's folder or to models:/…`,
    );
  const sha256 = await digestFolder(folder);
  checkDigest(request, sha256);
  const { name = basename(folder), version = "unregistered", stage = "None", gatePublicKey } = request;
  if (gatePublicKey !== undefined)
    checkSignature(request, await distrustFolder(folder, { name, version, sha256 }, await gateKey(gatePublicKey)));
  return { folder, name, version, stage, sha256 };
}

async function fromRegistry(request: ModelRequest): Promise<LoadedModel> {
  // Loaded only here: a service that starts from a folder does not pay for it.
  const [{ accessFromEnvironment, MlflowClient }, { resolveModelUri }, { downloadModel }] = await Promise.all([
    import("../registry/mlflow-client.ts"),
    import("../registry/model-versions.ts"),
    import("../registry/artifacts.ts"),
  ]);
  const client = new MlflowClient(accessFromEnvironment());
  const version = await resolveModelUri(client, request.uri);
  for (const [variable, expected, found] of [
    ["MODEL_NAME", request.name, version.name],
    ["MODEL_VERSION", request.version, version.version],
  ] as const)
    if (expected !== undefined && expected !== found)
      throw new ModelSourceError(
        `${variable} is ${expected}, but ${request.uri} is ${version.name} version ${version.version}`,
      );
  await mkdir(request.cache, { recursive: true });
  const download = join(request.cache, `download-${process.pid}`);
  try {
    const sha256 = await downloadModel(client, version, download);
    checkDigest(request, sha256);
    if (request.gatePublicKey !== undefined) {
      const { distrustVersion } = await import("../registry/attestation/store.ts");
      checkSignature(request, await distrustVersion(client, version, sha256, await gateKey(request.gatePublicKey)));
    }
    const folder = await keep(download, join(request.cache, sha256), sha256);
    return { folder, name: version.name, version: version.version, stage: request.stage ?? version.stage, sha256 };
  } finally {
    await rm(download, { recursive: true, force: true });
  }
}

/**
 * Another process may serve from a folder of that name, or be about to make it: it is replaced only when it is not what its name says.
 */
async function keep(download: string, folder: string, sha256: string): Promise<string> {
  const isKept = async () => (await digestFolder(folder).catch(() => undefined)) === sha256;
  if (await isKept()) return folder;
  await rm(folder, { recursive: true, force: true });
  try {
    await rename(download, folder);
  } catch (error) {
    if (!(await isKept())) throw error;
  }
  return folder;
}

function checkSignature({ uri }: ModelRequest, distrust: Distrust): void {
  if (distrust.length > 0)
    throw new ModelSourceError(
      `the model at ${uri} is refused, because GATE_PUBLIC_KEY is set and the gate's verdict on it cannot be trusted: ${distrust.join("; ")}`,
    );
}

function checkDigest({ uri, sha256: expected }: ModelRequest, found: string): void {
  if (expected !== undefined && expected !== found)
    throw new ModelSourceError(
      `the model at ${uri} has the SHA-256 ${found}, but MODEL_SHA256 is ${expected}: it is not the model that was approved`,
    );
}
