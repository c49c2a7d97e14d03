import { absent, isNotFound, RegistryError } from "./errors.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import { parseModelUri } from "./model-uri.ts";
import { quoted } from "./request-words.ts";
import { pairs } from "./runs.ts";

/** A registered model version, as far as promotion needs it. */
export interface ModelVersion {
  readonly name: string;
  readonly version: string;
  readonly runId: string;
  /** None, Staging, Production or Archived. */
  readonly stage: string;
  /** READY; PENDING_REGISTRATION or FAILED_REGISTRATION for a version whose registration has not ended, or has failed. */
  readonly status: string;
  /** Where the model's files are. */
  readonly source: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly aliases: readonly string[];
  /** Markdown that people, trainers and the gate wrote; empty if there is none. */
  readonly description: string;
}

interface VersionAnswer {
  name: string;
  version: string;
  run_id?: string;
  current_stage?: string;
  status?: string;
  source: string;
  tags?: { key: string; value: string }[];
  aliases?: string[];
  description?: string;
}

const READY = "READY";

/** Why a version is not one to work with; undefined when its registration has succeeded. */
export function whyNotReady({ name, version, status }: ModelVersion): string | undefined {
  if (status === READY) return undefined;
  const what = status === "FAILED_REGISTRATION" ? "failed" : "has not finished";
  return `the registration of ${name} version ${version} ${what} (${status}): register it again as a new version`;
}

/** @throws RegistryError for a version whose registration has not succeeded */
export function requireReady(version: ModelVersion): void {
  const why = whyNotReady(version);
  if (why !== undefined) throw new RegistryError(why);
}

const toModelVersion = (answer: VersionAnswer): ModelVersion => ({
  name: answer.name,
  version: answer.version,
  runId: answer.run_id ?? "",
  stage: answer.current_stage ?? "None",
  // Servers that know no status register at once.
  status: answer.status ?? READY,
  source: answer.source,
  tags: Object.fromEntries((answer.tags ?? []).map(({ key, value }) => [key, value])),
  aliases: answer.aliases ?? [],
  description: answer.description ?? "",
});

/**
 * Registers `source` as the next version of the model, which is created if need be. One call makes one version: where the answer
 * got lost, the registry is asked whether it was made.
 */
export async function createModelVersion(
  client: MlflowClient,
  version: { name: string; source: string; runId: string; tags?: Record<string, string>; description?: string },
): Promise<ModelVersion> {
  try {
    await client.call("POST", "mlflow/registered-models/create", {
      body: { name: version.name },
      repeatable: true,
    });
  } catch (error) {
    if (!(error instanceof RegistryError && error.code === "RESOURCE_ALREADY_EXISTS")) throw error;
  }
  const { name, source, runId: run_id, description } = version;
  try {
    const answer = await client.call<{ model_version: VersionAnswer }>("POST", "mlflow/model-versions/create", {
      body: { name, source, run_id, tags: pairs(version.tags ?? {}), description },
    });
    return toModelVersion(answer.model_version);
  } catch (error) {
    if (!(error instanceof RegistryError) || isRefusal(error)) throw error;
    const made = await findRegistered(client, version).catch((unknown: Error) => {
      error.message += ` Whether the version was made all the same could not be found out: ${unknown.message}`;
    });
    if (made) return made;
    throw error;
  }
}

/** The server understood the request and rejected it: nothing changed. */
const isRefusal = ({ status }: RegistryError) => status !== undefined && status >= 400 && status < 500;

async function findRegistered(
  client: MlflowClient,
  { name, source, runId }: { name: string; source: string; runId: string },
): Promise<ModelVersion | undefined> {
  const answer = await client.call<{ model_versions?: VersionAnswer[] }>("GET", "mlflow/model-versions/search", {
    query: { filter: `name=${quoted(name)} and run_id=${quoted(runId)}`, order_by: "version_number DESC" },
  });
  return (answer.model_versions ?? []).map(toModelVersion).find((found) => found.source === source);
}

/** Throws RegistryError if the version does not exist. */
export async function getModelVersion(client: MlflowClient, name: string, version: string): Promise<ModelVersion> {
  const answer = await client.call<{ model_version: VersionAnswer }>("GET", "mlflow/model-versions/get", {
    query: { name, version },
  });
  return askedFor(client, toModelVersion(answer.model_version), { name, version });
}

/** Undefined when the registry does not have it. */
export const findModelVersion = (client: MlflowClient, name: string, version: string) =>
  getModelVersion(client, name, version).catch(absent);

/**
 * A version that must be there.
 * @param wayOut sentences for the error
 * @throws Error when the registry does not have it
 */
export async function requireVersion(client: MlflowClient, name: string, version: string, wayOut = "") {
  return getModelVersion(client, name, version).catch((cause) => {
    if (!isNotFound(cause)) throw cause;
    throw new Error(`the registry has no version ${version} of ${name}${wayOut && `. ${wayOut}`}`, { cause });
  });
}

/**
 * Signatures are compared with the version that was answered: another one than was asked for would pass with signatures of its own,
 * and be served under the number that was asked for.
 */
function askedFor(client: MlflowClient, found: ModelVersion, asked: { name: string; version?: string }): ModelVersion {
  if (found.name === asked.name && found.version === (asked.version ?? found.version)) return found;
  throw new RegistryError(
    `the registry at ${client.trackingUri} was asked for ${asked.name}${asked.version ? ` version ${asked.version}` : ""}, ` +
      `and answered with ${found.name} version ${found.version}`,
  );
}

/** The version that an alias names; undefined when the model or the alias is not there. */
export async function getVersionByAlias(
  client: MlflowClient,
  name: string,
  alias: string,
): Promise<ModelVersion | undefined> {
  try {
    const answer = await client.call<{ model_version: VersionAnswer }>("GET", "mlflow/registered-models/alias", {
      query: { name, alias },
    });
    return askedFor(client, toModelVersion(answer.model_version), { name });
  } catch (error) {
    return absent(error);
  }
}

/**
 * The newest version that holds a stage, in whatever case it is written; undefined when none does. One request, however many
 * versions there are: a search would have to read them all.
 */
export async function getVersionInStage(
  client: MlflowClient,
  name: string,
  stage: string,
): Promise<ModelVersion | undefined> {
  const answer = await client.call<{ model_versions?: VersionAnswer[] }>(
    "GET",
    "mlflow/registered-models/get-latest-versions",
    { query: { name, stages: stage } },
  );
  const [found] = answer.model_versions ?? [];
  return found && askedFor(client, toModelVersion(found), { name });
}

/** All versions of a model, newest first, page by page. Aliases are empty here: MLflow's search leaves them out. */
export async function searchModelVersions(client: MlflowClient, name: string): Promise<ModelVersion[]> {
  const versions: ModelVersion[] = [];
  let page: string | undefined;
  do {
    const answer = await client.call<{ model_versions?: VersionAnswer[]; next_page_token?: string }>(
      "GET",
      "mlflow/model-versions/search",
      {
        query: {
          filter: `name=${quoted(name)}`,
          order_by: "version_number DESC",
          max_results: 1000,
          page_token: page,
        },
      },
    );
    versions.push(...(answer.model_versions ?? []).map(toModelVersion));
    page = answer.next_page_token || undefined;
  } while (page);
  return versions;
}

/** Finds the version that a `models:/` URI names. Throws RegistryError when there is none, or its registration has not succeeded. */
export async function resolveModelUri(client: MlflowClient, uri: string): Promise<ModelVersion> {
  const found = await findByUri(client, uri);
  requireReady(found);
  return found;
}

async function findByUri(client: MlflowClient, uri: string): Promise<ModelVersion> {
  const parsed = parseModelUri(uri);
  if ("version" in parsed) return getModelVersion(client, parsed.name, parsed.version);
  const found =
    "alias" in parsed
      ? await getVersionByAlias(client, parsed.name, parsed.alias)
      : await getVersionInStage(client, parsed.name, parsed.stage);
  if (found) return found;
  throw new RegistryError(`${uri}: the registry at ${client.trackingUri} has no such version of ${parsed.name}`);
}

export async function setVersionTags(
  client: MlflowClient,
  { name, version }: Pick<ModelVersion, "name" | "version">,
  tags: Record<string, string>,
): Promise<void> {
  for (const [key, value] of Object.entries(tags))
    await client.call("POST", "mlflow/model-versions/set-tag", {
      body: { name, version, key, value },
      repeatable: true,
    });
}
