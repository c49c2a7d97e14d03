import { RegistryError } from "./errors.ts";
import { type MlflowClient, quoted } from "./mlflow-client.ts";

/** A registered model: what the registry stores for all its versions together. */
export interface RegisteredModel {
  /** Version by alias, spelled as in the registry. */
  readonly aliases: ReadonlyMap<string, string>;
  /** The newest version in each stage, such as `Production`. */
  readonly newestInStage: ReadonlyMap<string, string>;
  readonly tags: Readonly<Record<string, string>>;
}

interface ModelAnswer {
  name: string;
  aliases?: { alias: string; version: string | number }[];
  latest_versions?: { version: string | number; current_stage?: string }[];
  tags?: { key: string; value: string }[];
}

const NONE: RegisteredModel = { aliases: new Map(), newestInStage: new Map(), tags: {} };

/**
 * Reads a registered model. One that does not exist is returned as a model without aliases. Uses a search, because `registered-models/get`
 * reads every version of the model, which takes seconds if there are thousands.
 */
export async function getRegisteredModel(client: MlflowClient, name: string): Promise<RegisteredModel> {
  const answer = await client.call<{ registered_models?: ModelAnswer[] }>("GET", "mlflow/registered-models/search", {
    query: { filter: `name=${quoted(name)}`, max_results: 2 },
  });
  const [found, ...more] = answer.registered_models ?? [];
  if (!found) return NONE;
  if (found.name !== name || more.length > 0)
    throw new RegistryError(
      `the registry at ${client.trackingUri} was asked for the model ${name}, but returned ${[found, ...more].map((model) => model.name).join(", ")}`,
    );
  return {
    aliases: new Map((found.aliases ?? []).map(({ alias, version }) => [alias, String(version)])),
    newestInStage: new Map(
      (found.latest_versions ?? []).map(({ current_stage, version }) => [current_stage ?? "None", String(version)]),
    ),
    tags: Object.fromEntries((found.tags ?? []).map(({ key, value }) => [key, value])),
  };
}

export async function setModelTag(client: MlflowClient, name: string, key: string, value: string): Promise<void> {
  await client.call("POST", "mlflow/registered-models/set-tag", { body: { name, key, value }, idempotent: true });
}

export async function deleteModelTag(client: MlflowClient, name: string, key: string): Promise<void> {
  await client.call("DELETE", "mlflow/registered-models/delete-tag", { body: { name, key } });
}
