import { uploadArtifact } from "../../../registry/artifacts.ts";
import { findHistory } from "../../../registry/history-experiment.ts";
import type { MlflowClient } from "../../../registry/mlflow-client.ts";
import { getModelVersion, setVersionTags } from "../../../registry/model-versions.ts";
import { findExperiment } from "../../../registry/runs.ts";

/** Manual edits of a model that the registry's credentials permit, by MLflow's UI or REST API. */
export function byHand(client: MlflowClient, name: string) {
  const post = (path: string, body: object) => client.call("POST", `mlflow/${path}`, { body });
  const remove = (path: string, body: object) => client.call("DELETE", `mlflow/${path}`, { body });
  const history = async () => (await findHistory(client, name))?.id ?? "";
  const runOf = async (version: string) => (await getModelVersion(client, name, version)).runId;

  return {
    tag: (version: string, key: string, value: string) => setVersionTags(client, { name, version }, { [key]: value }),
    untag: (version: string, key: string) => remove("model-versions/delete-tag", { name, version, key }),
    /** Copies the tags of one version to another. */
    async copyTags(from: string, to: string): Promise<void> {
      const { tags } = await getModelVersion(client, name, from);
      await setVersionTags(client, { name, version: to }, tags);
    },
    alias: (alias: string, version: string) => post("registered-models/alias", { name, alias, version }),
    unalias: (alias: string) => remove("registered-models/alias", { name, alias }),
    stage: (version: string, stage: string, archive = false) =>
      post("model-versions/transition-stage", { name, version, stage, archive_existing_versions: archive }),
    deleteVersion: (version: string) => remove("model-versions/delete", { name, version }),
    deleteRun: async (version: string) => post("runs/delete", { run_id: await runOf(version) }),
    /** Deletes the experiment with the versions' runs. */
    deleteExperiment: async () =>
      post("experiments/delete", { experiment_id: (await findExperiment(client, name))?.id ?? "" }),
    renameHistory: async (new_name: string) => post("experiments/update", { experiment_id: await history(), new_name }),
    deleteHistory: async () => post("experiments/delete", { experiment_id: await history() }),
    /** Deletes the newest event of the history. */
    async deleteLastEvent(): Promise<void> {
      await post("runs/delete", { run_id: await newestRun(client, await history()) });
    },
    async untagLastEvent(key: string): Promise<void> {
      await post("runs/delete-tag", { run_id: await newestRun(client, await history()), key });
    },
    /** Changes a tag of the newest event. */
    async tagLastEvent(key: string, value: string): Promise<void> {
      await post("runs/set-tag", { run_id: await newestRun(client, await history()), key, value });
    },
    /** Overwrites a report or a model's file. */
    overwrite: async (uri: string, content: string) => {
      const cut = uri.lastIndexOf("/");
      await uploadArtifact(client, uri.slice(0, cut), uri.slice(cut + 1), content);
    },
    deleteFile: async (uri: string) => {
      await client.request("DELETE", `mlflow-artifacts/artifacts/${uri.replace("mlflow-artifacts:/", "")}`);
    },
  };
}

async function newestRun(client: MlflowClient, experiment: string): Promise<string> {
  const body = { experiment_ids: [experiment], order_by: ["attributes.start_time DESC"], max_results: 1 };
  const { runs } = await client.call<{ runs: { info: { run_id: string } }[] }>("POST", "mlflow/runs/search", { body });
  return runs[0]?.info.run_id ?? "";
}
