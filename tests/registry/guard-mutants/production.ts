import { findChampion } from "../../../registry/champion.ts";
import { provider as stage } from "../../../registry/registry-stage-provider.ts";
import type { Policy } from "../../../training/gate/policy.ts";
import { downloadDigest } from "../../helpers/registry/judged-model.ts";
import type { GuardMutant, Scene } from "./mutant.ts";

/** A policy that compares with no other version. */
const PLAIN: Policy = { accuracy: { min: 0.85 } };

const STALE = "production now serves";
const DISAGREES = "the registry disagrees about which version";

/** The gate that judges the next candidate has to know what is in production, or say that it does not. */
const champion = ({ client, model }: Scene) => findChampion(client, model.name);

/** Takes production down, as `pulumi destroy` does. */
const takeDown = ({ client, model }: Scene, version: string) =>
  stage.delete(`${model.name}@production#test`, {
    registry: { trackingUri: client.trackingUri },
    modelName: model.name,
    version,
    environment: "production",
  });

/** Production serves another version than the gate compared with, or records disagree about which one it serves. */
export const PRODUCTION_MUTANTS: readonly GuardMutant[] = [
  {
    name: "another version promoted since it was judged",
    says: STALE,
    mutate: async ({ model }) => model.promote(await model.approved()),
  },
  {
    name: "judged as the first model, another one came first",
    says: STALE,
    mutate: async (scene) => {
      await takeDown(scene, "1");
      const [first, second] = [await scene.model.approved(), await scene.model.approved()];
      await scene.model.promote(first);
      return second;
    },
    ask: ({ model }) => model.ask("4"),
  },
  {
    name: "production taken down since it was judged",
    says: "production now serves no version",
    mutate: (scene) => takeDown(scene, "1"),
  },
  {
    name: "rolled back from, failed by the policy that was made since",
    says: "its quality gate failed",
    mutate: async ({ model }) => {
      await model.promote("2");
      await model.promote("1");
      await model.judge("2", { verdict: "failed", policy: { accuracy: { min: 0.99 } } });
    },
  },
  {
    name: "goes back, failed since by the very policy that it was promoted with",
    says: "its quality gate failed since it was promoted",
    mutate: async ({ model }) => {
      for (const _ of ["3", "4"]) await model.promote(await model.approved({ policy: PLAIN }));
      await model.judge("3", { verdict: "failed", policy: PLAIN });
    },
    ask: ({ model }) => model.ask("3"),
  },
  {
    name: "goes back, failed by itself since, under its own policy and beside another champion",
    says: "its quality gate failed since it was promoted",
    mutate: async ({ model }) => {
      await model.promote("2");
      await model.promote(await model.approved());
      await model.judge("2", { verdict: "failed" });
    },
  },
  {
    name: "only the history has it in production: one run in it was edited",
    says: "its quality gate failed",
    mutate: async ({ model, hand }) => {
      await model.judge("2", { verdict: "failed" });
      await hand.tagLastEvent("promotion.to", "2");
      await hand.tagLastEvent("promotion.model_sha256", await model.digest("2"));
    },
  },
  {
    name: "comes back after production was taken down, failed since",
    says: "its quality gate failed",
    mutate: async (scene) => {
      const { model } = scene;
      await model.promote("2");
      await takeDown(scene, "2");
      await model.judge("2", { verdict: "failed", policy: { accuracy: { min: 0.99 } } });
    },
  },
  {
    name: "withdrawn between guard and move",
    says: "does not go to production: it was withdrawn: leaks names",
    mutate: async () => {},
    ask: ({ model, hand }) => model.promote("2", {}, () => hand.tag("2", "gate.withdrawn", "leaks names")),
  },
  {
    name: "failed between guard and move, as where --target leaves the guard out",
    says: "does not go to production: its evidence has changed since the guard ran",
    mutate: async () => {},
    ask: ({ model }) => model.promote("2", {}, () => model.judge("2", { verdict: "failed" })),
  },
  {
    name: "another champion: its digest edited by hand",
    says: "the registry disagrees about which files",
    mutate: ({ hand }) => hand.tag("1", "production.model_sha256", "f".repeat(64)),
    ask: champion,
  },
  {
    name: "goes back, withdrawn since",
    says: "it was withdrawn: leaks names",
    mutate: async ({ model, hand }) => {
      await model.promote("2");
      await hand.tag("1", "gate.withdrawn", "leaks names");
    },
    ask: ({ model }) => model.ask("1"),
  },
  {
    name: "goes back, its file overwritten since",
    says: "its files are not the ones that the quality gate judged",
    mutate: async ({ model, hand }) => {
      await model.promote("2");
      await hand.overwrite(`${(await model.version("1")).source}/model.onnx`, "another");
    },
    ask: ({ model }) => model.ask("1"),
  },
  {
    name: "made a former version by hand in the history",
    says: "its quality gate failed",
    mutate: async ({ model, hand }) => {
      const number = await model.register();
      await model.judge(number, { verdict: "failed" });
      await model.promote("2");
      await hand.tagLastEvent("promotion.to", number);
      await hand.alias("production", number);
      await hand.stage(number, "Production", true);
    },
    ask: ({ model }) => model.ask("3"),
  },
  {
    name: "made a former version by hand, with another version's evidence",
    says: "its tags contradict the gate's report: the report has the model",
    mutate: async ({ client, model, hand }) => {
      const number = await model.register();
      await model.promote("2");
      await hand.tagLastEvent("promotion.to", number);
      await hand.tagLastEvent("promotion.model_sha256", await downloadDigest(client, await model.version(number)));
      await hand.alias("production", number);
      await hand.stage(number, "Production", true);
    },
    ask: ({ model }) => model.ask("3"),
  },
  {
    name: "no champion: the version in production deleted",
    says: DISAGREES,
    mutate: ({ hand }) => hand.deleteVersion("1"),
    ask: champion,
  },
  {
    name: "no champion: the alias removed",
    says: DISAGREES,
    mutate: ({ hand }) => hand.unalias("production"),
    ask: champion,
  },
  {
    name: "no champion: the alias spelled Production",
    says: "the alias Production names version 1",
    mutate: async ({ hand }) => {
      await hand.unalias("production");
      await hand.alias("Production", "1");
    },
    ask: champion,
  },
  {
    name: "two aliases that differ in case",
    says: "Remove the alias PRODUCTION in MLflow",
    mutate: ({ hand }) => hand.alias("PRODUCTION", "2"),
    ask: champion,
  },
  {
    name: "no champion: only the stage names one",
    says: DISAGREES,
    mutate: async ({ hand }) => {
      await hand.unalias("production");
      await hand.deleteHistory();
    },
    ask: champion,
  },
  {
    name: "no champion: only the history names one",
    says: DISAGREES,
    mutate: async ({ hand }) => {
      await hand.unalias("production");
      await hand.stage("1", "Archived");
    },
    ask: champion,
  },
  {
    name: "another champion: the alias moved by hand",
    says: DISAGREES,
    mutate: ({ hand }) => hand.alias("production", "2"),
    ask: champion,
  },
  {
    name: "another champion: a second version in the stage",
    says: DISAGREES,
    mutate: ({ hand }) => hand.stage("2", "Production"),
    ask: champion,
  },
  {
    name: "another champion: the last move removed from the history",
    says: DISAGREES,
    mutate: async ({ model, hand }) => {
      await model.promote("2");
      await hand.deleteLastEvent();
    },
    ask: champion,
  },
  {
    name: "compared with a version that was deleted",
    says: "was deleted from the registry",
    mutate: ({ hand }) => hand.deleteVersion("1"),
  },
  {
    name: "compared with version 1, the alias moved by hand",
    says: DISAGREES,
    mutate: async ({ model, hand }) => hand.alias("production", await model.approved()),
  },
];
