import { readGateEvidence } from "../../../registry/evidence.ts";
import { setVersionTags } from "../../../registry/model-versions.ts";
import { suspendPass } from "../../../registry/record-verdict.ts";
import type { Policy } from "../../../training/gate/policy.ts";
import type { GuardMutant, Scene } from "./mutant.ts";

const STRICTER: Policy = { accuracy: { min: 0.99 } };
const OTHER = "0".repeat(64);

const gateReport = async ({ model }: Scene, version = "2") =>
  readGateEvidence(await model.version(version))?.report ?? "";
const stagingReport = async ({ model }: Scene) => (await model.version("2")).tags["staging.report"] ?? "";

/** A failed verdict, however little of it could be recorded, and evidence that is not what it says. */
export const EVIDENCE_MUTANTS: readonly GuardMutant[] = [
  {
    name: "failed by a stricter policy, its run deleted",
    says: "its quality gate failed",
    mutate: async ({ model, hand }) => {
      await hand.deleteRun("2");
      await model.judge("2", { verdict: "failed", policy: STRICTER });
    },
  },
  {
    name: "failed by a stricter policy, its experiment deleted",
    says: "its quality gate failed",
    mutate: async ({ model, hand }) => {
      await hand.deleteExperiment();
      await model.judge("2", { verdict: "failed", policy: STRICTER });
    },
  },
  {
    name: "inconclusive by another policy",
    says: "its quality gate inconclusive",
    mutate: ({ model }) => model.judge("2", { verdict: "inconclusive", policy: STRICTER }),
  },
  {
    name: "judged again and cut off",
    says: "its quality gate started but did not finish",
    mutate: async ({ client, model }) => suspendPass(client, await model.version("2"), "gate.verdict"),
  },
  {
    name: "failed, then set to passed by hand",
    says: "the report has the verdict failed, the version has passed",
    mutate: async ({ model, hand }) => {
      await model.judge("2", { verdict: "failed", policy: STRICTER });
      await hand.tag("2", "gate.verdict", "passed");
    },
  },
  {
    name: "evidence copied from another version",
    says: "its files are not the ones that the quality gate judged",
    mutate: async ({ model, hand }) => {
      await model.register();
      await hand.copyTags("2", "3");
    },
    ask: ({ model }) => model.ask("3"),
  },
  {
    name: "evidence copied to another version of the same files",
    says: "the report has the model",
    mutate: async ({ client, model, hand }) => {
      const { source, runId } = await model.version("2");
      await client.call("POST", "mlflow/model-versions/create", { body: { name: model.name, source, run_id: runId } });
      await hand.copyTags("2", "3");
    },
    ask: ({ model }) => model.ask("3"),
  },
  {
    name: "the gate's report deleted",
    says: "the gate's report cannot be read",
    mutate: async (scene) => scene.hand.deleteFile(await gateReport(scene)),
  },
  {
    name: "the gate's report overwritten",
    says: "the gate's report is not the one that was recorded",
    mutate: async (scene) => scene.hand.overwrite(await gateReport(scene), '{"verdict": "passed"}'),
  },
  {
    name: "another version's report named",
    says: "the gate's report is not the one that was recorded",
    mutate: async (scene) => scene.hand.tag("2", "gate.report", await gateReport(scene, "1")),
  },
  {
    name: "no report named",
    says: "the gate's report cannot be read",
    mutate: ({ hand }) => hand.tag("2", "gate.report", ""),
  },
  {
    name: "another report's digest",
    says: "the gate's report is not the one that was recorded",
    mutate: ({ hand }) => hand.tag("2", "gate.report_sha256", OTHER),
  },
  {
    name: "another policy's hash",
    says: "the report has the policy",
    mutate: ({ hand }) => hand.tag("2", "gate.policy_sha256", OTHER),
  },
  {
    name: "other evaluation data",
    says: "the report has evaluation data",
    mutate: ({ hand }) => hand.tag("2", "gate.evaluation_md5", "0".repeat(32)),
  },
  {
    name: "another runtime",
    says: "the report has the runtime",
    mutate: ({ hand }) => hand.tag("2", "gate.runtime", "onnxruntime 0.1.0, linux-x64"),
  },
  {
    name: "another champion named",
    says: "the report has the champion",
    mutate: ({ hand }) => hand.tag("2", "gate.champion", "not compared"),
  },
  {
    name: "another model's digest",
    says: "its files are not the ones that the quality gate judged",
    mutate: ({ hand }) => hand.tag("2", "gate.model_sha256", OTHER),
  },
  {
    name: "the model's file overwritten",
    says: "its files are not the ones that the quality gate judged",
    mutate: async ({ model, hand }) => hand.overwrite(`${(await model.version("2")).source}/model.onnx`, "another"),
  },
  {
    name: "the verdict removed",
    says: "the quality gate has not judged it",
    mutate: ({ hand }) => hand.untag("2", "gate.verdict"),
  },
  {
    name: "half of the evidence",
    says: "the quality gate has not judged it",
    mutate: ({ hand }) => hand.untag("2", "gate.policy_sha256"),
  },
  {
    name: "failed in staging under a tighter bound, its run deleted",
    says: "staging could not verify it",
    mutate: async ({ model, hand }) => {
      await hand.deleteRun("2");
      await model.prove("2", { passed: false, maxLatencyMs: 1 });
    },
  },
  {
    name: "verified again in staging and cut off",
    says: "its deployment check in staging started but did not finish",
    mutate: async ({ client, model }) => suspendPass(client, await model.version("2"), "staging.verdict"),
  },
  {
    name: "failed in staging, then set to passed by hand",
    says: "the report has the verdict failed, the version has passed",
    mutate: async ({ model, hand }) => {
      await model.prove("2", { passed: false });
      await hand.tag("2", "staging.verdict", "passed");
    },
  },
  {
    name: "staging's report deleted",
    says: "staging's report cannot be read",
    mutate: async (scene) => scene.hand.deleteFile(await stagingReport(scene)),
  },
  {
    name: "staging's report overwritten",
    says: "staging's report is not the one that was recorded",
    mutate: async (scene) => scene.hand.overwrite(await stagingReport(scene), "{}"),
  },
  {
    name: "staging verified other files",
    says: "its files are not the ones that staging verified",
    mutate: ({ model }) => model.prove("2", { modelSha256: OTHER }),
  },
  {
    name: "an image that staging did not run",
    says: "the report has the image",
    mutate: ({ hand }) => hand.tag("2", "staging.image", `acme/model@sha256:${OTHER}`),
  },
  {
    name: "staging's proof removed",
    says: "staging has not verified it",
    mutate: ({ hand }) => hand.untag("2", "staging.verdict"),
  },
  {
    name: "production's own proof instead of staging's",
    says: "staging has not verified it",
    mutate: async ({ client, model }) => {
      const number = await model.register();
      const { tags } = await model.version("2");
      await model.judge(number);
      const moved = Object.entries(tags).filter(([tag]) => tag.startsWith("staging."));
      const renamed = moved.map(([tag, value]) => [tag.replace("staging.", "production."), value]);
      await setVersionTags(client, { name: model.name, version: number }, Object.fromEntries(renamed));
    },
    ask: ({ model }) => model.ask("3"),
  },
  {
    name: "withdrawn",
    says: "it was withdrawn: leaks names",
    mutate: ({ hand }) => hand.tag("2", "gate.withdrawn", "leaks names"),
  },
];
