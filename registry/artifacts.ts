import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { printable } from "../data/printable.ts";
import { digestFolder } from "./artifact-digest.ts";
import { RegistryError } from "./errors.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import type { ModelVersion } from "./model-versions.ts";
import { getRun } from "./runs.ts";

/** Limit for all files of a model together: an ONNX file is a protobuf message, which cannot be larger. */
const MAX_BYTES = 2 ** 31;
/** Limit for a report or a signature. */
const MAX_EVIDENCE_BYTES = 64 * 2 ** 20;
/** A model has about ten files in two or three folders. More than this is an attempt to fill the disk. */
const MAX_ENTRIES = 10_000;
const MAX_DEPTH = 32;

export interface ArtifactFile {
  /** Relative to the listed URI. */
  readonly path: string;
  /** Bytes; undefined if the server does not report it. */
  readonly size: number | undefined;
}

/** Returns the path under MLflow's artifact proxy. Artifacts that the server does not serve itself are never fetched. */
function proxyPath(artifactUri: string, ...more: string[]): string {
  const match = /^mlflow-artifacts:\/(.*)$/s.exec(artifactUri);
  if (!match)
    throw new RegistryError(
      `artifacts at ${artifactUri} cannot be read: only mlflow-artifacts:/ URIs are supported. Start the MLflow server with --serve-artifacts`,
    );
  const parts = [match[1], ...more].join("/").split("/").filter(Boolean);
  // URL resolution would let them escape from the artifacts to any other path of the server.
  if (parts.some((part) => part === "." || part === ".."))
    throw new RegistryError(`artifacts at ${artifactUri} are not read: the URI's path contains "." or ".."`);
  return parts.map(encodeURIComponent).join("/");
}

export async function uploadArtifact(
  client: MlflowClient,
  artifactUri: string,
  path: string,
  content: Uint8Array<ArrayBuffer> | string,
): Promise<void> {
  const body = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await client.request("PUT", `mlflow-artifacts/artifacts/${proxyPath(artifactUri, path)}`, { body });
}

/**
 * Downloads one file.
 * @param size expected bytes, if known
 * @param maxBytes limit; a larger file is rejected
 */
export async function downloadArtifact(
  client: MlflowClient,
  artifactUri: string,
  path: string,
  { size, maxBytes = MAX_BYTES }: { size?: number | undefined; maxBytes?: number } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const from = `mlflow-artifacts/artifacts/${proxyPath(artifactUri, path)}`;
  return client.request("GET", from, { bytes: size, maxBytes });
}

/** Downloads and parses a JSON artifact. A truncated one counts as a broken response and is retried. */
export async function downloadJson(client: MlflowClient, artifactUri: string, path: string): Promise<unknown> {
  return client.call("GET", `mlflow-artifacts/artifacts/${proxyPath(artifactUri, path)}`);
}

/**
 * Downloads an evidence file, such as a report or a signature. Its length must match the listing: a proxy may truncate a response
 * without an error, and a truncated file would look like a forgery.
 * @param uri artifact URI of the file itself
 */
export async function downloadEvidence(client: MlflowClient, uri: string): Promise<Uint8Array<ArrayBuffer>> {
  const cut = uri.lastIndexOf("/");
  const [folder, name] = [uri.slice(0, cut), uri.slice(cut + 1)];
  const listed = (await listFolder(client, folder)).find(({ path, is_dir }) => path === name && !is_dir);
  if (!listed) throw new RegistryError(`the registry has no file ${name} at ${folder}`);
  const size = listed.file_size === undefined ? undefined : Number(listed.file_size);
  return downloadArtifact(client, folder, name, { size, maxBytes: MAX_EVIDENCE_BYTES });
}

interface Listed {
  readonly path: string;
  readonly is_dir: boolean;
  readonly file_size?: number;
}

async function listFolder(client: MlflowClient, artifactUri: string, under = ""): Promise<readonly Listed[]> {
  const path = decodeURIComponent(proxyPath(artifactUri, under));
  const response = await client.call<{ files?: Listed[] }>("GET", "mlflow-artifacts/artifacts", { query: { path } });
  return response.files ?? [];
}

/**
 * Lists all files below an artifact URI.
 * @throws RegistryError for a name that leads outside its folder, and for more files or folders than a model can have
 */
export async function listArtifacts(client: MlflowClient, artifactUri: string, under = ""): Promise<ArtifactFile[]> {
  return listBelow(client, artifactUri, under, { remaining: MAX_ENTRIES });
}

async function listBelow(
  client: MlflowClient,
  artifactUri: string,
  under: string,
  entries: { remaining: number },
): Promise<ArtifactFile[]> {
  const refusal = (what: string) => new RegistryError(`the artifacts at ${artifactUri} contain ${what}`);
  if (under.split("/").length > MAX_DEPTH) throw refusal(`folders nested more than ${MAX_DEPTH} deep`);
  const found: ArtifactFile[] = [];
  for (const { path: name, is_dir: isFolder, file_size: size } of await listFolder(client, artifactUri, under)) {
    if (--entries.remaining < 0) throw refusal(`more than ${MAX_ENTRIES} files and folders`);
    // The server names each entry by its last path segment. Any other name could escape the folder that it is saved to.
    if (!/^[^/\\]+$/.test(name) || name === "." || name === ".." || printable(name) !== name)
      throw refusal(`a file with the forbidden name ${JSON.stringify(name)}`);
    const path = under ? `${under}/${name}` : name;
    if (isFolder) found.push(...(await listBelow(client, artifactUri, path, entries)));
    else found.push({ path, size: size === undefined ? undefined : Number(size) });
  }
  return found;
}

/** Downloads a version's model into `folder`, which is created or replaced as a whole. Returns the model's digest. */
export async function downloadModel(client: MlflowClient, version: ModelVersion, folder: string): Promise<string> {
  const uri = await modelArtifactUri(client, version);
  const files = await listArtifacts(client, uri);
  if (files.length === 0)
    throw new RegistryError(`model ${version.name} version ${version.version} has no files at ${version.source}`);
  const partial = `${folder}.partial-${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  try {
    let remaining = MAX_BYTES;
    for (const { path, size } of files) {
      const target = join(partial, path);
      const content = await downloadArtifact(client, uri, path, { size, maxBytes: remaining });
      remaining -= content.length;
      await mkdir(dirname(target), { recursive: true })
        .then(() => writeFile(target, content))
        .catch((cause) => {
          const what = `${path} of model ${version.name} version ${version.version} (${content.length} bytes)`;
          throw new Error(`${what} could not be saved in ${folder}: ${cause.message}`, { cause });
        });
    }
    const digest = await digestFolder(partial);
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder);
    return digest;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Resolves a version's source. It may be a LoggedModel (`models:/m-…`), which the server resolves, or a run's path (`runs:/…`), which it does not. */
async function modelArtifactUri(client: MlflowClient, { name, version, source }: ModelVersion): Promise<string> {
  if (source.startsWith("mlflow-artifacts:")) return source;
  const response = await client.call<{ artifact_uri: string }>("GET", "mlflow/model-versions/get-download-uri", {
    query: { name, version },
  });
  const [, runId, path] = /^runs:\/([^/]+)\/(.+)$/.exec(response.artifact_uri) ?? [];
  if (runId === undefined) return response.artifact_uri;
  const { artifactUri } = await getRun(client, runId);
  return `${artifactUri}/${path}`;
}
