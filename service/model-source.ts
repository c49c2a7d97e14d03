import { rm, stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { digestFolder } from "../registry/artifact-digest.ts";
import type { MlflowClient } from "../registry/mlflow-client.ts";
import type { ModelVersion } from "../registry/model-versions.ts";
import { type Distrust, distrustFolder, gateKey } from "./gate-signature.ts";
import { ModelCache } from "./model-cache.ts";
import { type ModelCard, readCard } from "./page/card.ts";
import type { Settings } from "./settings.ts";
import { log } from "./watch/log.ts";

/** Identifies the served model. */
export interface ModelIdentity {
  readonly name: string;
  readonly version: string;
  readonly stage: string;
  /** digestFolder of the model's folder. */
  readonly sha256: string;
}

export interface LoadedModel extends ModelIdentity {
  /** Further details from the registry. */
  readonly card?: ModelCard;
  /** Local folder of the model's files. The registry is no longer needed. */
  readonly folder: string;
}

export interface ModelRequest {
  /** Path of a model's folder, or `models:/name/version`, `models:/name@alias`, `models:/name/Stage`. */
  readonly uri: string;
  /** Folder for downloaded models, each in a subfolder named by its digest. */
  readonly cache: string;
  /** Expected digest; a model with any other is rejected. */
  readonly sha256?: string | undefined;
  /** Set by the operator, because a folder has no name, version or stage. For the registry, name and version must match. */
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  readonly stage?: string | undefined;
  /** PEM. If set, the gate's verdict on the model must be signed with the matching private key. */
  readonly gatePublicKey?: string | undefined;
}

/** Returns the model that the settings request. */
export const requestedModel = (settings: Settings): ModelRequest => ({
  uri: settings.MODEL_URI,
  cache: settings.MODEL_CACHE,
  sha256: settings.MODEL_SHA256,
  name: settings.MODEL_NAME,
  version: settings.MODEL_VERSION,
  stage: settings.MODEL_STAGE,
  gatePublicKey: settings.GATE_PUBLIC_KEY,
});

/** A model that cannot be loaded, or is not the requested one. */
class ModelSourceError extends Error {
  override readonly name = "ModelSourceError";
}

/** Loads and verifies a model's files. @throws ModelSourceError, or RegistryError if the registry fails */
export async function loadModel(request: ModelRequest): Promise<LoadedModel> {
  return request.uri.startsWith("models:") ? fromRegistry(request) : fromFolder(request);
}

async function fromFolder(request: ModelRequest): Promise<LoadedModel> {
  const folder = resolve(request.uri);
  if (!(await stat(folder).catch(() => undefined))?.isDirectory())
    throw new ModelSourceError(
      `MODEL_URI is ${folder}, which is not a folder. Set it to a model's folder or to models:/…`,
    );
  const sha256 = await digestFolder(folder);
  checkDigest(request, sha256);
  const { name = basename(folder), version = "unregistered", stage = "None", gatePublicKey } = request;
  if (gatePublicKey !== undefined)
    checkSignature(request, await distrustFolder(folder, { name, version, sha256 }, await gateKey(gatePublicKey)));
  return { folder, name, version, stage, sha256 };
}

async function fromRegistry(request: ModelRequest): Promise<LoadedModel> {
  // Loaded on demand, because a start from a folder does not need the registry.
  const [{ accessFromEnvironment, MlflowClient }, { resolveModelUri }, { downloadModel }] = await Promise.all([
    import("../registry/mlflow-client.ts"),
    import("../registry/model-versions.ts"),
    import("../registry/artifacts.ts"),
  ]);
  const client = new MlflowClient(accessFromEnvironment());
  const cache = new ModelCache(request.cache);
  let found: { readonly name: string; readonly version: string } | undefined;
  try {
    const version = await resolveModelUri(client, request.uri);
    found = version;
    checkIdentity(request, version);
    const download = await cache.downloadFolder();
    try {
      const sha256 = await downloadModel(client, version, download);
      checkDigest(request, sha256);
      if (request.gatePublicKey !== undefined) {
        const { distrustVersion } = await import("../registry/attestation/store.ts");
        checkSignature(request, await distrustVersion(client, version, sha256, await gateKey(request.gatePublicKey)));
      }
      const folder = await cache.keep(download, sha256);
      const { name, stage } = version;
      const known = {
        name,
        version: version.version,
        stage,
        sha256,
        card: await cardOf(client, version),
        gatePublicKey: request.gatePublicKey,
      };
      await cache.remember(client.trackingUri, request.uri, known).catch((error: Error) => {
        // This start succeeds; the next one will need the registry.
        log("warn", "the model could not be recorded in the cache", { cache: request.cache, error: error.message });
      });
      return { folder, name, version: version.version, stage: request.stage ?? stage, sha256, card: known.card };
    } finally {
      await rm(download, { recursive: true, force: true });
    }
  } catch (error) {
    const isUnavailable = isRegistryUnavailable(error);
    if (!isUnavailable && !isFull(error)) throw error;
    const known = await cache.recall(client.trackingUri, request.uri);
    if (!known) throw error;
    // A full disk does not justify serving a different version than the registry's.
    if (!isUnavailable && (found?.name !== known.name || found.version !== known.version)) throw error;
    // The cached verdict counts only if it was verified with the same key.
    if (request.gatePublicKey !== known.gatePublicKey) throw error;
    checkIdentity(request, known);
    checkDigest(request, known.sha256);
    const { name, version, sha256 } = known;
    const message = isUnavailable
      ? "the registry does not respond; serving the last known version"
      : "the cache is not writable; serving the cached files";
    log("warn", message, { uri: request.uri, name, version, sha256, error: (error as Error).message });
    return { folder: known.folder, name, version, stage: request.stage ?? known.stage, sha256, card: known.card };
  }
}

/** Whether the registry, or a proxy in front of it, failed. Only then is its last answer used. */
const isRegistryUnavailable = (error: unknown): boolean =>
  error instanceof Error &&
  error.name === "RegistryError" &&
  "status" in error &&
  (error.status === undefined ? error.cause !== undefined : Number(error.status) >= 500);

/** Whether the cache's disk is full or read-only. */
function isFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return (code !== undefined && ["ENOSPC", "EDQUOT", "EROFS"].includes(code)) || isFull(error.cause);
}

function checkIdentity(request: ModelRequest, found: { readonly name: string; readonly version: string }): void {
  for (const [variable, expected, is] of [
    ["MODEL_NAME", request.name, found.name],
    ["MODEL_VERSION", request.version, found.version],
  ] as const)
    if (expected !== undefined && expected !== is)
      throw new ModelSourceError(
        `${variable} is ${expected}, but ${request.uri} is ${found.name} version ${found.version}`,
      );
}

/** Reads the gate's verdict, metrics and report. */
async function cardOf(client: MlflowClient, version: ModelVersion): Promise<ModelCard> {
  const [{ readGateEvidence }, { getRun }, { reportUrl }] = await Promise.all([
    import("../registry/evidence.ts"),
    import("../registry/runs.ts"),
    import("../registry/report-url.ts"),
  ]);
  const evidence = readGateEvidence(version);
  if (!evidence) return {};
  const { verdict, summary, report, judgedAt } = evidence;
  let metrics: Record<string, number> = {};
  try {
    if (version.runId) metrics = (await getRun(client, version.runId)).metrics;
  } catch (error) {
    // A deleted run has no metrics; the version is served anyway.
    log("warn", "the gate's metrics are not available", { error: (error as Error).message });
  }
  const judged = Object.entries(metrics).filter(([name]) => name.startsWith(GATE));
  return readCard({
    verdict,
    summary,
    judgedAt,
    reportUrl: reportUrl(client.trackingUri, report),
    metrics: Object.fromEntries(judged.map(([name, value]) => [name.slice(GATE.length), value])),
  });
}

/** Prefix of the gate's metrics in the trainer's run. */
const GATE = "gate.";

function checkSignature({ uri }: ModelRequest, distrust: Distrust): void {
  if (distrust.length > 0)
    throw new ModelSourceError(
      `the model at ${uri} is rejected: GATE_PUBLIC_KEY is set, and the gate's verdict on it cannot be trusted: ${distrust.join("; ")}`,
    );
}

function checkDigest({ uri, sha256: expected }: ModelRequest, found: string): void {
  if (expected !== undefined && expected !== found)
    throw new ModelSourceError(
      `the model at ${uri} has SHA-256 ${found}, but MODEL_SHA256 is ${expected}: it is not the approved model`,
    );
}
