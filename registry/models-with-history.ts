import { printable } from "../data/printable.ts";
import { HISTORY_TAG, historyExperiment } from "./history-experiment.ts";
import type { MlflowClient } from "./mlflow-client.ts";

const SUFFIX = historyExperiment("");

interface ExperimentsAnswer {
  readonly experiments?: readonly { readonly name: string }[];
  readonly next_page_token?: string;
}

interface ModelsAnswer {
  readonly registered_models?: readonly { readonly name: string }[];
  readonly next_page_token?: string;
}

/**
 * Lists the models with a promotion history in the registry, in alphabetical order.
 * @throws RegistryError
 */
export async function modelsWithHistory(client: MlflowClient): Promise<string[]> {
  const [named, tagged] = await Promise.all([byExperiment(client), byTag(client)]);
  return [...new Set([...named, ...tagged])].sort();
}

/** Finds models by their tag, including those whose history was renamed. */
async function byTag(client: MlflowClient): Promise<string[]> {
  const names: string[] = [];
  let page: string | undefined;
  do {
    const query = { filter: `tags.\`${HISTORY_TAG}\` LIKE '%'`, max_results: 100, page_token: page };
    const answer: ModelsAnswer = await client.call("GET", "mlflow/registered-models/search", { query });
    names.push(...(answer.registered_models ?? []).map(({ name }) => printable(name)));
    page = answer.next_page_token || undefined;
  } while (page);
  return names;
}

/** Finds models by the name of their history's experiment, including those without a tag. */
async function byExperiment(client: MlflowClient): Promise<string[]> {
  const names: string[] = [];
  let page: string | undefined;
  do {
    const body = { filter: `name LIKE '%${SUFFIX}'`, max_results: 1000, page_token: page };
    const answer: ExperimentsAnswer = await client.call("POST", "mlflow/experiments/search", {
      body,
      idempotent: true,
    });
    for (const { name } of answer.experiments ?? [])
      if (name.length > SUFFIX.length && name.endsWith(SUFFIX)) names.push(printable(name.slice(0, -SUFFIX.length)));
    page = answer.next_page_token || undefined;
  } while (page);
  return names;
}
