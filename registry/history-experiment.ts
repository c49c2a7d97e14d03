import type { MlflowClient } from "./mlflow-client.ts";
import { getRegisteredModel, type RegisteredModel, setModelTag } from "./registered-model.ts";
import {
  type Experiment,
  findExperiment,
  findExperimentById,
  getOrCreateExperiment,
  restoreExperiment,
} from "./runs.ts";

/** Name of the MLflow experiment whose runs are the events. */
export const historyExperiment = (modelName: string): string => `${modelName}-promotions`;

/** Tag of the registered model with the experiment's id: it finds the experiment after a rename. */
export const HISTORY_TAG = "promotion.history_experiment";

export interface HistoryExperiment extends Experiment {
  /** Its name, where it is not the one that it was created with. */
  readonly renamedTo?: string;
}

type ReadTags = () => Promise<RegisteredModel["tags"]>;

/**
 * Finds the experiment of a model's history, a deleted or renamed one as well; undefined when there is none.
 * @param readTags of the registered model, for a caller that reads them anyway: they are asked for only where the name finds nothing
 */
export async function findHistory(
  client: MlflowClient,
  modelName: string,
  readTags: ReadTags = async () => (await getRegisteredModel(client, modelName)).tags,
): Promise<HistoryExperiment | undefined> {
  const named = await findExperiment(client, historyExperiment(modelName));
  if (named) return named;
  const id = (await readTags())[HISTORY_TAG];
  // MLflow's ids are numbers; what else a hand may have written there finds nothing.
  if (id === undefined || !/^\d+$/.test(id)) return undefined;
  const found = await findExperimentById(client, id);
  return found && { id: found.id, isDeleted: found.isDeleted, renamedTo: found.name };
}

/**
 * Makes sure that the history can be written: creates its experiment, or restores it with its runs when it was deleted. Ask before anything
 * moves: a move that cannot be recorded must not begin. The experiment's id is left on the model; without it only a renamed history would be missed.
 * @returns the experiment's id
 */
export async function openHistory(client: MlflowClient, modelName: string): Promise<string> {
  const reading = getRegisteredModel(client, modelName).then(({ tags }) => tags);
  const [tags, found] = await Promise.all([reading, findHistory(client, modelName, () => reading)]);
  const id = found
    ? await restoreExperiment(client, found)
    : await getOrCreateExperiment(client, historyExperiment(modelName));
  if (tags[HISTORY_TAG] !== id) await setModelTag(client, modelName, HISTORY_TAG, id).catch(() => undefined);
  return id;
}
