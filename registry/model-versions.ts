import { absent, isNotFound, RegistryError } from "./errors.ts";
import { type MlflowClient, quoted } from "./mlflow-client.ts";
import { parseModelUri } from "./model-uri.ts";
import { pairs } from "./runs.ts";

/** A registered model version, with the fields that promotion needs. */
export interface ModelVersion {
  readonly name: string;
  readonly version: string;
  readonly runId: string;
  /** None, Staging, Production or Archived. */
  readonly stage: string;
  /** READY, or PENDING_REGISTRATION or FAILED_REGISTRATION if the registration has not finished or has failed. */
  readonly status: string;
  /** URI of the model's files. */
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

/** Returns why a version cannot be used; undefined if its registration has succeeded. */
export function whyNotReady({ name, version, status }: ModelVersion): string | undefined {
  if (status === READY) return undefined;
  const what = status === "FAILED_REGISTRATION" ? "failed" : "has not finished";
  return `the registration of ${name} version ${version} ${what} (${status}): register it again as a new version`;
}

/** @throws RegistryError unless the version's registration has succeeded */
export function requireReady(version: ModelVersion): void {
  const why = whyNotReady(version);
  if (why !== undefined) throw new RegistryError(why);
}

const toModelVersion = (answer: VersionAnswer): ModelVersion => ({
  name: answer.name,
  version: answer.version,
  runId: answer.run_id ?? "",
  stage: answer.current_stage ?? "None",
  // Servers without a status register synchronously.
  status: answer.status ?? READY,
  source: answer.source,
  tags: Object.fromEntries((answer.tags ?? []).map(({ key, value }) => [key, value])),
  aliases: answer.aliases ?? [],
  description: answer.description ?? "",
});

/**
 * Registers `source` as the next version of the model, which is created if necessary. Creates exactly one version: if the response was
 * lost, it looks the version up in the registry.
 */
export async function createModelVersion(
  client: MlflowClient,
  version: { name: string; source: string; runId: string; tags?: Record<string, string>; description?: string },
): Promise<ModelVersion> {
  try {
    await client.call("POST", "mlflow/registered-models/create", {
      body: { name: version.name },
      idempotent: true,
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
    const registered = await findRegistered(client, version).catch((lookupError: Error) => {
      error.message += ` It is unknown whether the version was registered nevertheless: ${lookupError.message}`;
    });
    if (registered) return registered;
    throw error;
  }
}

/** Returns whether the server understood the request and rejected it, so that nothing changed. */
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

/** Reads a version. @throws RegistryError if it does not exist */
export async function getModelVersion(client: MlflowClient, name: string, version: string): Promise<ModelVersion> {
  const answer = await client.call<{ model_version: VersionAnswer }>("GET", "mlflow/model-versions/get", {
    query: { name, version },
  });
  return requireRequested(client, toModelVersion(answer.model_version), { name, version });
}

/** Reads a version; undefined if it does not exist. */
export const findModelVersion = (client: MlflowClient, name: string, version: string) =>
  getModelVersion(client, name, version).catch(absent);

/**
 * Reads a version that must exist.
 * @param remedy sentences for the error
 * @throws Error if the registry does not have it
 */
export async function requireVersion(client: MlflowClient, name: string, version: string, remedy = "") {
  return getModelVersion(client, name, version).catch((cause) => {
    if (!isNotFound(cause)) throw cause;
    throw new Error(`the registry has no version ${version} of ${name}${remedy && `. ${remedy}`}`, { cause });
  });
}

/**
 * Returns the version if it is the requested one. Signatures are verified against the returned version, so another version could pass with
 * its own signatures and be served under the requested number.
 * @throws RegistryError otherwise
 */
function requireRequested(
  client: MlflowClient,
  found: ModelVersion,
  requested: { name: string; version?: string },
): ModelVersion {
  if (found.name === requested.name && found.version === (requested.version ?? found.version)) return found;
  throw new RegistryError(
    `the registry at ${client.trackingUri} was asked for ${requested.name}${requested.version ? ` version ${requested.version}` : ""}, ` +
      `but returned ${found.name} version ${found.version}`,
  );
}

/** Reads the version that an alias names; undefined if the model or the alias does not exist. */
export async function getVersionByAlias(
  client: MlflowClient,
  name: string,
  alias: string,
): Promise<ModelVersion | undefined> {
  try {
    const answer = await client.call<{ model_version: VersionAnswer }>("GET", "mlflow/registered-models/alias", {
      query: { name, alias },
    });
    return requireRequested(client, toModelVersion(answer.model_version), { name });
  } catch (error) {
    return absent(error);
  }
}

/**
 * Reads the newest version in a stage, ignoring the stage's case; undefined if there is none. Takes one request regardless of the number
 * of versions, while a search would read them all.
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
  return found && requireRequested(client, toModelVersion(found), { name });
}

/** Reads all versions of a model, newest first. Their aliases are empty, because MLflow's search omits them. */
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

/**
 * Finds the version that a `models:/` URI names.
 * @throws RegistryError if there is none, or if its registration has not succeeded
 */
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

/** Sets tags one by one, in the given order. */
export async function setVersionTags(
  client: MlflowClient,
  { name, version }: Pick<ModelVersion, "name" | "version">,
  tags: Record<string, string>,
): Promise<void> {
  for (const [key, value] of Object.entries(tags))
    await client.call("POST", "mlflow/model-versions/set-tag", {
      body: { name, version, key, value },
      idempotent: true,
    });
}
