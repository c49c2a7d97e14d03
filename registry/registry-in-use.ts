import type { MlflowClient } from "./mlflow-client.ts";

interface ModelsAnswer {
  registered_models?: { name: string; aliases?: { alias: string; version: string }[] }[];
  next_page_token?: string;
}

/**
 * Refuses to take down a registry that production still needs, for any model: without it production can neither be updated nor rolled back, and
 * its own stack can no longer be destroyed.
 * @throws Error that says how to go on
 */
export async function requireNoProduction(client: MlflowClient): Promise<void> {
  const inProduction: string[] = [];
  let page: string | undefined;
  do {
    const answer = await client.call<ModelsAnswer>("GET", "mlflow/registered-models/search", {
      query: { max_results: 100, page_token: page },
    });
    for (const { name, aliases = [] } of answer.registered_models ?? [])
      for (const { alias, version } of aliases)
        if (alias === "production") inProduction.push(`version ${version} of ${name}`);
    page = answer.next_page_token || undefined;
  } while (page);
  if (inProduction.length === 0) return;
  throw new Error(
    `the registry ${client.trackingUri} belongs to this stack, and production still needs it: ${inProduction.join(", ")}. ` +
      "Take production down first (pulumi destroy on its stack). If that stack no longer exists, remove the alias production from the model in MLflow",
  );
}
