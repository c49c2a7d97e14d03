import { findHistory } from "../../../registry/history-experiment.ts";
import type { MlflowClient } from "../../../registry/mlflow-client.ts";
import { getModelVersion, setVersionTags } from "../../../registry/model-versions.ts";
import type { byHand } from "../registry/by-hand.ts";
import type { Arena } from "./arena.ts";
import { MODEL } from "./update.ts";

type Hand = ReturnType<typeof byHand>;

export interface Versions {
  /** The former production version. */
  readonly former: string;
  /** In production. */
  readonly serving: string;
  /** In staging, approved. */
  readonly good: string;
  /** Registered, failed by the gate, never in staging. */
  readonly bad: string;
}

/** An edit of the registry that anyone with its credentials can make. */
export interface Edit {
  readonly name: string;
  /** The version that production is updated to after the edit. */
  readonly asks: keyof Versions;
  readonly apply: (hand: Hand, versions: Versions, client: MlflowClient) => Promise<unknown>;
  /** Reverts an edit that no update can repair, such as a renamed or deleted model. */
  readonly heal?: (hand: Hand, arena: Arena) => Promise<unknown>;
}

const OTHER = "0".repeat(64);
const tagsOf = async (client: MlflowClient, version: string) => (await getModelVersion(client, MODEL, version)).tags;
const reportOf = async (client: MlflowClient, version: string, who = "gate") =>
  (await tagsOf(client, version))[`${who}.report`] ?? "";

const GATE_TAGS = ["verdict", "summary", "model_sha256", "policy_sha256", "evaluation_md5", "report", "judged_at"];
const NEW_GATE_TAGS = ["report_sha256", "champion", "runtime", "attestation"];
const STAGING_TAGS = ["verdict", "summary", "model_sha256", "report", "verified_at"];
const NEW_STAGING_TAGS = ["report_sha256", "max_latency_ms", "image", "attestation"];
const evidenceTags = [
  ...[...GATE_TAGS, ...NEW_GATE_TAGS].map((tag) => `gate.${tag}`),
  ...[...STAGING_TAGS, ...NEW_STAGING_TAGS].map((tag) => `staging.${tag}`),
];

/** Edits that make a bad version look like a good one. */
const FORGED: readonly Edit[] = [
  {
    name: "a failed version's verdict is set to passed",
    asks: "bad",
    apply: (hand, { bad }) => hand.tag(bad, "gate.verdict", "passed"),
  },
  {
    name: "a good version's tags are put on a failed one",
    asks: "bad",
    apply: (hand, { good, bad }) => hand.copyTags(good, bad),
  },
  {
    name: "a good version's tags are put on a failed one, with its own digest",
    asks: "bad",
    apply: async (hand, { good, bad }, client) => {
      const own = (await tagsOf(client, bad))["gate.model_sha256"] ?? "";
      await hand.copyTags(good, bad);
      for (const who of ["gate", "staging"]) await hand.tag(bad, `${who}.model_sha256`, own);
    },
  },
  {
    name: "a good version's staging tags are put on a failed one, its verdict set to passed",
    asks: "bad",
    apply: async (hand, { good, bad }, client) => {
      const proved = Object.entries(await tagsOf(client, good)).filter(([tag]) => tag.startsWith("staging."));
      await setVersionTags(client, { name: MODEL, version: bad }, Object.fromEntries(proved));
      await hand.tag(bad, "gate.verdict", "passed");
    },
  },
  { name: "the alias goes to a failed version", asks: "bad", apply: (hand, { bad }) => hand.alias("production", bad) },
  {
    name: "the stage goes to a failed version",
    asks: "bad",
    apply: (hand, { bad }) => hand.stage(bad, "Production", true),
  },
  {
    name: "alias and stage go to a failed version",
    asks: "bad",
    apply: async (hand, { bad }) => {
      await hand.stage(bad, "Production", true);
      await hand.alias("production", bad);
    },
  },
  {
    name: "alias, stage and history go to a failed version",
    asks: "bad",
    apply: async (hand, { bad }) => {
      await hand.stage(bad, "Production", true);
      await hand.alias("production", bad);
      await hand.tagLastEvent("promotion.to", bad);
    },
  },
  {
    name: "the staging alias goes to a failed version",
    asks: "bad",
    apply: (hand, { bad }) => hand.alias("staging", bad),
  },
];

/** Edits and losses of a good version's evidence. */
const SPOILED: readonly Edit[] = [
  ...evidenceTags.map(
    (tag): Edit => ({
      name: `the tag ${tag} is removed`,
      asks: "good",
      apply: (hand, { good }) => hand.untag(good, tag),
    }),
  ),
  ...evidenceTags.map(
    (tag): Edit => ({
      name: `the tag ${tag} is changed`,
      asks: "good",
      apply: (hand, { good }) => hand.tag(good, tag, OTHER),
    }),
  ),
  ...(["gate", "staging"] as const).flatMap((who): Edit[] => [
    {
      name: `the report of ${who} is deleted`,
      asks: "good",
      apply: async (hand, { good }, client) => hand.deleteFile(await reportOf(client, good, who)),
    },
    {
      name: `the report of ${who} is overwritten`,
      asks: "good",
      apply: async (hand, { good }, client) => hand.overwrite(await reportOf(client, good, who), "{}"),
    },
  ]),
  { name: "a version's run is deleted", asks: "good", apply: (hand, { good }) => hand.deleteRun(good) },
  { name: "the runs' experiment is deleted", asks: "good", apply: (hand) => hand.deleteExperiment() },
  {
    name: "a model's file is overwritten",
    asks: "good",
    apply: async (hand, { good }, client) =>
      hand.overwrite(`${(await getModelVersion(client, MODEL, good)).source}/model.onnx`, "another"),
  },
  {
    name: "a model's file is deleted",
    asks: "good",
    apply: async (hand, { good }, client) =>
      hand.deleteFile(`${(await getModelVersion(client, MODEL, good)).source}/model.onnx`),
  },
  { name: "the version in staging is deleted", asks: "good", apply: (hand, { good }) => hand.deleteVersion(good) },
  { name: "the version in staging is archived", asks: "good", apply: (hand, { good }) => hand.stage(good, "Archived") },
  { name: "the staging alias is removed", asks: "good", apply: (hand) => hand.unalias("staging") },
];

/** Edits of the version in production. */
const MOVED: readonly Edit[] = [
  { name: "the alias is removed", asks: "good", apply: (hand) => hand.unalias("production") },
  {
    name: "the alias is spelled Production",
    asks: "good",
    apply: async (hand, { serving }) => {
      await hand.unalias("production");
      await hand.alias("Production", serving);
    },
    heal: (hand) => hand.unalias("Production"),
  },
  { name: "the alias goes back", asks: "good", apply: (hand, { former }) => hand.alias("production", former) },
  { name: "the alias goes on", asks: "good", apply: (hand, { good }) => hand.alias("production", good) },
  {
    name: "the version in production is archived",
    asks: "good",
    apply: (hand, { serving }) => hand.stage(serving, "Archived"),
  },
  { name: "the stage goes back", asks: "good", apply: (hand, { former }) => hand.stage(former, "Production", true) },
  { name: "a second version gets the stage", asks: "good", apply: (hand, { good }) => hand.stage(good, "Production") },
  {
    name: "the version in production is deleted",
    asks: "good",
    apply: (hand, { serving }) => hand.deleteVersion(serving),
  },
  {
    name: "the version in production is deleted, and asked for",
    asks: "serving",
    apply: (hand, { serving }) => hand.deleteVersion(serving),
  },
  {
    name: "the run of the version in production is deleted",
    asks: "serving",
    apply: (hand, { serving }) => hand.deleteRun(serving),
  },
  {
    name: "the evidence of the version in production is removed",
    asks: "serving",
    apply: (hand, { serving }) => hand.untag(serving, "gate.verdict"),
  },
  {
    name: "the file of the version in production is overwritten",
    asks: "good",
    apply: async (hand, { serving }, client) =>
      hand.overwrite(`${(await getModelVersion(client, MODEL, serving)).source}/model.onnx`, "another"),
  },
  { name: "the history is deleted", asks: "good", apply: (hand) => hand.deleteHistory() },
  { name: "the last event is deleted", asks: "good", apply: (hand) => hand.deleteLastEvent() },
  {
    name: "the last event is about another version",
    asks: "good",
    apply: (hand, { former }) => hand.tagLastEvent("promotion.to", former),
  },
  {
    name: "the last event has other files",
    asks: "good",
    apply: (hand) => hand.tagLastEvent("promotion.model_sha256", "0".repeat(64)),
  },
  {
    name: "the last event is of another kind",
    asks: "good",
    apply: (hand) => hand.tagLastEvent("promotion.event", "refusal"),
  },
  {
    name: "the history is renamed",
    asks: "good",
    apply: async (_hand, _versions, client) => {
      const id = (await findHistory(client, MODEL))?.id;
      await client.call("POST", "mlflow/experiments/update", {
        body: { experiment_id: id, new_name: `elsewhere-${Math.random()}` },
      });
    },
  },
  {
    name: "the owner of the stage is removed",
    asks: "good",
    apply: (_hand, _versions, client) =>
      client.call("DELETE", "mlflow/registered-models/delete-tag", { body: { name: MODEL, key: "production.stack" } }),
  },
  {
    name: "the owner of the stage is changed",
    asks: "good",
    apply: (_hand, _versions, client) =>
      client.call("POST", "mlflow/registered-models/set-tag", {
        body: { name: MODEL, key: "production.stack", value: "other/stack m@production#1" },
      }),
    heal: (_hand, { client }) =>
      client.call("DELETE", "mlflow/registered-models/delete-tag", { body: { name: MODEL, key: "production.stack" } }),
  },
  {
    name: "the model is renamed",
    asks: "good",
    apply: (_hand, _versions, client) =>
      client.call("POST", "mlflow/registered-models/rename", { body: { name: MODEL, new_name: "elsewhere" } }),
    heal: (_hand, { client }) =>
      client.call("POST", "mlflow/registered-models/rename", { body: { name: "elsewhere", new_name: MODEL } }),
  },
];

export const EDITS: readonly Edit[] = [...FORGED, ...SPOILED, ...MOVED];
