import type { MlflowClient } from "./mlflow-client.ts";
import { getRegisteredModel, type RegisteredModel, setModelTag } from "./registered-model.ts";
import {
  type Experiment,
  findExperiment,
  findExperimentById,
  getOrCreateExperiment,
  restoreExperiment,
} from "./runs.ts";

/** Returns the name of the MLflow experiment whose runs are the events. */
export const historyExperiment = (modelName: string): string => `${modelName}-promotions`;

/** Tag of the registered model with the experiment's id, by which a renamed experiment is found. */
export const HISTORY_TAG = "promotion.history_experiment";

export interface HistoryExperiment extends Experiment {
  /** Its current name, if it was renamed. */
  readonly renamedTo?: string;
}

type ReadTags = () => Promise<RegisteredModel["tags"]>;

/**
 * Finds the experiment of a model's history, including a deleted or renamed one; undefined if there is none.
 * @param readTags reads the registered model's tags, for a caller that has them already; called only if no experiment has the name
 */
export async function findHistory(
  client: MlflowClient,
  modelName: string,
  readTags: ReadTags = async () => (await getRegisteredModel(client, modelName)).tags,
): Promise<HistoryExperiment | undefined> {
  const named = await findExperiment(client, historyExperiment(modelName));
  if (named) return named;
  const id = (await readTags())[HISTORY_TAG];
  // MLflow's ids are numbers. Any other value was written manually and is ignored.
  if (id === undefined || !/^\d+$/.test(id)) return undefined;
  const found = await findExperimentById(client, id);
  return found && { id: found.id, isDeleted: found.isDeleted, renamedTo: found.name };
}

/**
 * Ensures that the history can be written: creates its experiment, or restores a deleted one with its runs. Call it before anything moves,
 * because a move that cannot be recorded must not start. Stores the experiment's id on the model; a failure to do so is ignored, since the
 * id is needed only if the history is renamed.
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
