import type { MlflowClient } from "./mlflow-client.ts";
import { namedVersions, type ProductionState, readProductionState } from "./production-state.ts";

interface ModelsAnswer {
  registered_models?: { name: string }[];
  next_page_token?: string;
}

/**
 * Refuses to take down a registry that production still needs for any model. Without it, production could neither be updated nor rolled
 * back, and its own stack could no longer be destroyed.
 * @throws Error that explains how to proceed
 */
export async function requireNoProduction(client: MlflowClient): Promise<void> {
  const inProduction: string[] = [];
  let page: string | undefined;
  do {
    const answer = await client.call<ModelsAnswer>("GET", "mlflow/registered-models/search", {
      query: { max_results: 100, page_token: page },
    });
    for (const { name } of answer.registered_models ?? []) {
      const state = await readProductionState(client, name);
      inProduction.push(
        ...namedVersions(state).map((version) => `version ${version} of ${name} (${naming(state, version)})`),
      );
    }
    page = answer.next_page_token || undefined;
  } while (page);
  if (inProduction.length === 0) return;
  throw new Error(
    `the registry ${client.trackingUri} belongs to this stack, and production still needs it: ${inProduction.join(", ")}. ` +
      "Take production down first (pulumi destroy on its stack). If that stack no longer exists, remove what is listed in parentheses manually: " +
      'see "Staging is not taken down" in docs/runbook.md',
  );
}

/** Lists where the registry names the version: alias, stage or history. */
function naming({ alias, misspelled, stage, move }: ProductionState, version: string): string {
  const sources = [
    alias === version && "alias production",
    ...misspelled.map((found) => found.version === version && `alias ${found.alias}`),
    stage === version && "stage Production",
    move?.to === version && "history",
  ];
  return sources.filter(Boolean).join(", ");
}
