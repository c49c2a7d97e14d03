import { printable } from "../data/printable.ts";
import { isNotFound } from "../registry/errors.ts";
import { type MlflowClient, quoted } from "../registry/mlflow-client.ts";
import { searchModelVersions } from "../registry/model-versions.ts";

/** Maximum number of names or versions in a message. */
const MOST_LISTED = 20;

interface ModelsAnswer {
  readonly registered_models?: readonly { readonly name: string }[];
}

const searchModels = async (client: MlflowClient, query: Record<string, string | number>): Promise<string[]> => {
  const answer: ModelsAnswer = await client.call("GET", "mlflow/registered-models/search", { query });
  return (answer.registered_models ?? []).map(({ name }) => printable(name));
};

const listed = (entries: readonly string[]) =>
  [...entries.slice(0, MOST_LISTED), ...(entries.length > MOST_LISTED ? ["…"] : [])].join(", ");

/**
 * Catches a misspelled name. In an empty registry, every name is accepted as that of a model that is not trained yet.
 * @throws Error that lists the registered models if this is not one of them
 */
export async function requireModel(client: MlflowClient, name: string): Promise<void> {
  const found = await searchModels(client, { filter: `name=${quoted(name)}`, max_results: 1 });
  if (found.length > 0) return;
  const models = await searchModels(client, { max_results: MOST_LISTED + 1 });
  if (models.length === 0) return;
  throw new Error(`no model ${name} is registered at ${client.trackingUri}: it has ${listed(models)}`);
}

/**
 * Replaces MLflow's error for a missing version with one that lists the existing versions. For use in `catch`.
 * @throws Error always
 */
export const listExistingVersions =
  (client: MlflowClient, name: string, version: string) =>
  async (cause: unknown): Promise<never> => {
    if (!isNotFound(cause)) throw cause;
    const versions = (await searchModelVersions(client, name)).map(({ version }) => version);
    if (versions.length === 0) await requireModel(client, name);
    const others = versions.length === 0 ? "it has none" : `it has ${listed(versions.reverse())}`;
    throw new Error(`the registry has no version ${version} of ${name}; ${others}`, { cause });
  };
