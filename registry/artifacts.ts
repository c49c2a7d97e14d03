import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { digestFolder } from "./artifact-digest.ts";
import { printable, RegistryError } from "./errors.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import type { ModelVersion } from "./model-versions.ts";
import { getRun } from "./runs.ts";

/** Of a model's files together: an ONNX file, a protobuf message, cannot be longer. */
const MAX_BYTES = 2 ** 31;
/** Of a report or a signature. */
const MAX_EVIDENCE_BYTES = 64 * 2 ** 20;
/** A model has some ten files in two or three folders; more than this is an attempt to fill a disk. */
const MAX_ENTRIES = 10_000;
const MAX_DEPTH = 32;

export interface ArtifactFile {
  /** Relative to the listed URI. */
  readonly path: string;
  /** Bytes; undefined where the server does not say. */
  readonly size: number | undefined;
}

/** The path under MLflow's artifact proxy. Only artifacts that the server itself serves are read: nothing else is fetched. */
function proxyPath(artifactUri: string, ...more: string[]): string {
  const match = /^mlflow-artifacts:\/(.*)$/s.exec(artifactUri);
  if (!match)
    throw new RegistryError(
      `artifacts at ${artifactUri} cannot be read: only mlflow-artifacts:/ URIs are, start the MLflow server with --serve-artifacts`,
    );
  const parts = [match[1], ...more].join("/").split("/").filter(Boolean);
  // A URL's own rules would take them as steps out of the artifacts, to any other path of the server.
  if (parts.some((part) => part === "." || part === ".."))
    throw new RegistryError(`artifacts at ${artifactUri} are not read: the URI has "." or ".." in its path`);
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
 * @param size bytes that the file must have, where that is known
 * @param maxBytes of the file; a longer one is refused
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

/** A JSON artifact, parsed. Half of one counts as a broken answer and is asked for again. */
export async function downloadJson(client: MlflowClient, artifactUri: string, path: string): Promise<unknown> {
  return client.call("GET", `mlflow-artifacts/artifacts/${proxyPath(artifactUri, path)}`);
}

/**
 * The bytes of a file that is evidence, such as a report or a signature. It must be as long as it is listed: half of one, which a proxy
 * may end well, would be taken for a forgery.
 * @param uri of the file itself
 */
export async function downloadEvidence(client: MlflowClient, uri: string): Promise<Uint8Array<ArrayBuffer>> {
  const cut = uri.lastIndexOf("/");
  const [folder, name] = [uri.slice(0, cut), uri.slice(cut + 1)];
  const listed = (await listFolder(client, folder)).find(({ path, is_dir }) => path === name && !is_dir);
  if (!listed) throw new RegistryError(`there is no file ${name} at ${folder}`);
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
  const answer = await client.call<{ files?: Listed[] }>("GET", "mlflow-artifacts/artifacts", { query: { path } });
  return answer.files ?? [];
}

/** All files below an artifact URI. Throws RegistryError for names that lead elsewhere, and for more than a model can have. */
export async function listArtifacts(client: MlflowClient, artifactUri: string, under = ""): Promise<ArtifactFile[]> {
  return listBelow(client, artifactUri, under, { left: MAX_ENTRIES });
}

async function listBelow(
  client: MlflowClient,
  artifactUri: string,
  under: string,
  entries: { left: number },
): Promise<ArtifactFile[]> {
  const refuse = (what: string) => new RegistryError(`the artifacts at ${artifactUri} hold ${what}`);
  if (under.split("/").length > MAX_DEPTH) throw refuse(`folders in folders, more than ${MAX_DEPTH} deep`);
  const found: ArtifactFile[] = [];
  for (const { path: name, is_dir: isFolder, file_size: size } of await listFolder(client, artifactUri, under)) {
    if (--entries.left < 0) throw refuse(`more than ${MAX_ENTRIES} files and folders`);
    // The server names each entry by its last part; anything else would lead out of the folder that it is saved to.
    if (!/^[^/\\]+$/.test(name) || name === "." || name === ".." || printable(name) !== name)
      throw refuse(`a file with the forbidden name ${JSON.stringify(name)}`);
    const path = under ? `${under}/${name}` : name;
    if (isFolder) found.push(...(await listBelow(client, artifactUri, path, entries)));
    else found.push({ path, size: size === undefined ? undefined : Number(size) });
  }
  return found;
}

/** Downloads the model of a version into `folder` (made, or replaced as a whole) and answers its digest. */
export async function downloadModel(client: MlflowClient, version: ModelVersion, folder: string): Promise<string> {
  const uri = await modelArtifactUri(client, version);
  const files = await listArtifacts(client, uri);
  if (files.length === 0)
    throw new RegistryError(`model ${version.name} version ${version.version} has no files at ${version.source}`);
  const partial = `${folder}.partial-${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  try {
    let left = MAX_BYTES;
    for (const { path, size } of files) {
      const target = join(partial, path);
      const content = await downloadArtifact(client, uri, path, { size, maxBytes: left });
      left -= content.length;
      await mkdir(dirname(target), { recursive: true })
        .then(() => writeFile(target, content))
        .catch((cause) => {
          const what = `${path} of model ${version.name} version ${version.version} (${content.length} bytes)`;
          throw new Error(`${what} could not be saved below ${folder}: ${cause.message}`, { cause });
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

/** A version's source may be a LoggedModel (`models:/m-…`), which the server resolves, or a path of a run (`runs:/…`), which it gives out as it is. */
async function modelArtifactUri(client: MlflowClient, { name, version, source }: ModelVersion): Promise<string> {
  if (source.startsWith("mlflow-artifacts:")) return source;
  const answer = await client.call<{ artifact_uri: string }>("GET", "mlflow/model-versions/get-download-uri", {
    query: { name, version },
  });
  const [, runId, path] = /^runs:\/([^/]+)\/(.+)$/.exec(answer.artifact_uri) ?? [];
  if (runId === undefined) return answer.artifact_uri;
  const { artifactUri } = await getRun(client, runId);
  return `${artifactUri}/${path}`;
}
