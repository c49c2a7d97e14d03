import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { digestFolder } from "./artifact-digest.ts";
import { RegistryError } from "./errors.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import type { ModelVersion } from "./model-versions.ts";

export interface ArtifactFile {
  /** Relative to the listed URI. */
  readonly path: string;
  /** Bytes; undefined where the server does not say. */
  readonly size: number | undefined;
}

/** The path under MLflow's artifact proxy. Only artifacts that the server itself serves are read: nothing else is fetched. */
function proxyPath(artifactUri: string, ...more: string[]): string {
  const match = /^mlflow-artifacts:\/+(.*)$/.exec(artifactUri);
  if (!match)
    throw new RegistryError(
      `artifacts at ${artifactUri} cannot be read: only mlflow-artifacts:/ URIs are, start the MLflow server with --serve-artifacts`,
    );
  return [match[1], ...more].join("/").split("/").filter(Boolean).map(encodeURIComponent).join("/");
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

/** @param size bytes that the file must have, where that is known */
export async function downloadArtifact(
  client: MlflowClient,
  artifactUri: string,
  path: string,
  size?: number,
): Promise<Uint8Array> {
  return client.request("GET", `mlflow-artifacts/artifacts/${proxyPath(artifactUri, path)}`, { bytes: size });
}

/** A JSON artifact, parsed. Half of one counts as a broken answer and is asked for again. */
export async function downloadJson(client: MlflowClient, artifactUri: string, path: string): Promise<unknown> {
  return client.call("GET", `mlflow-artifacts/artifacts/${proxyPath(artifactUri, path)}`);
}

/** All files below an artifact URI. */
export async function listArtifacts(client: MlflowClient, artifactUri: string, under = ""): Promise<ArtifactFile[]> {
  const answer = await client.call<{ files?: { path: string; is_dir: boolean; file_size?: number }[] }>(
    "GET",
    "mlflow-artifacts/artifacts",
    { query: { path: decodeURIComponent(proxyPath(artifactUri, under)) } },
  );
  const found: ArtifactFile[] = [];
  for (const { path: name, is_dir: isFolder, file_size: size } of answer.files ?? []) {
    // The server names each entry by its last part; anything else would lead out of the folder that it is saved to.
    if (!/^[^/\\\0]+$/.test(name) || name === "." || name === "..")
      throw new RegistryError(
        `the artifacts at ${artifactUri} hold a file with the forbidden name ${JSON.stringify(name)}`,
      );
    const path = under ? `${under}/${name}` : name;
    if (isFolder) found.push(...(await listArtifacts(client, artifactUri, path)));
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
    for (const { path, size } of files) {
      const target = join(partial, path);
      const content = await downloadArtifact(client, uri, path, size);
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

/** A version's source may be a LoggedModel (`models:/m-…`), which the server resolves. */
async function modelArtifactUri(client: MlflowClient, { name, version, source }: ModelVersion): Promise<string> {
  if (source.startsWith("mlflow-artifacts:")) return source;
  const answer = await client.call<{ artifact_uri: string }>("GET", "mlflow/model-versions/get-download-uri", {
    query: { name, version },
  });
  return answer.artifact_uri;
}
