import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadModel, uploadArtifact } from "../../../registry/artifacts.ts";
import { signingKey } from "../../../registry/attestation/envelope.ts";
import { findChampion, NO_CHAMPION, NOT_COMPARED } from "../../../registry/champion.ts";
import { readDeploymentEvidence, type Verdict } from "../../../registry/evidence.ts";
import type { MlflowClient } from "../../../registry/mlflow-client.ts";
import type { ModelVersion } from "../../../registry/model-versions.ts";
import { createModelVersion, getModelVersion } from "../../../registry/model-versions.ts";
import { provider as promotion } from "../../../registry/promotion-provider.ts";
import { provider as stage } from "../../../registry/registry-stage-provider.ts";
import { createRun, endRun, getOrCreateExperiment } from "../../../registry/runs.ts";
import { runtimeName } from "../../../service/predictor/versions.ts";
import { comparesWithChampion } from "../../../training/gate/gate-inputs.ts";
import type { Policy } from "../../../training/gate/policy.ts";
import { recordEvidence } from "../../../training/gate/record-evidence.ts";
import { buildReport } from "../../../training/gate/report.ts";
import { proveDeployment } from "./prove-deployment.ts";

export interface Judgement {
  readonly verdict?: Verdict;
  readonly policy?: Policy;
  /** PEM */
  readonly key?: string;
  /** Check that decides the verdict. */
  readonly group?: "performance" | "champion";
}

/** A policy that compares with the version in production. */
export const COMPARING: Policy = { champion: { first: "pass", accuracy: { margin: 0.01 } } };

/**
 * A model in a real registry whose versions are judged and verified by production code, except that the model never runs: its files are a few bytes, and
 * its verdicts are given.
 */
export function judgedModel(client: MlflowClient, name: string) {
  const registry = { trackingUri: client.trackingUri };
  const byNumber = (version: string) => getModelVersion(client, name, version);

  const register = async (): Promise<string> => {
    const experiment = await getOrCreateExperiment(client, name);
    const run = await createRun(client, experiment, "candidate");
    await uploadArtifact(client, run.artifactUri, "model/model.onnx", `model of ${run.runId}`);
    await endRun(client, run.runId, "FINISHED");
    const source = `${run.artifactUri}/model`;
    return (await createModelVersion(client, { name, source, runId: run.runId })).version;
  };

  const judge = async (
    number: string,
    { verdict = "passed", policy = COMPARING, key, group = "performance" }: Judgement = {},
  ) => {
    const version = await byNumber(number);
    const digest = await downloadDigest(client, version);
    const champion = comparesWithChampion(policy) ? await findChampion(client, name) : undefined;
    const detail = verdict === "passed" ? "accuracy 0.9 >= 0.85 required" : "accuracy 0.8 < 0.85 required";
    const report = buildReport({
      version,
      digest,
      trustedDigest: digest,
      snapshot: { path: "evaluation.csv", md5: "c".repeat(32), rows: 400 },
      policy,
      champion: champion?.text ?? (comparesWithChampion(policy) ? NO_CHAMPION : NOT_COMPARED),
      runtime: runtimeName(),
      checks: [
        {
          check: "accuracy",
          group,
          outcome: verdict === "passed" ? "pass" : "fail",
          required: true,
          detail,
        },
      ],
      decision: { verdict, summary: detail },
      facts: {},
      judgedAt: new Date(),
    });
    return recordEvidence(client, report, key === undefined ? undefined : signingKey(key));
  };

  const ask = async (number: string, more: object = {}) =>
    (await promotion.create({ registry, modelName: name, version: number, ...more })).outs;

  return {
    name,
    register,
    judge,
    prove: (number: string, check?: Parameters<typeof proveDeployment>[3]) =>
      proveDeployment(client, name, number, check),
    /** Creates a version that gate and staging have passed. */
    async approved(judgement?: Judgement): Promise<string> {
      const number = await register();
      await judge(number, judgement);
      const key = judgement?.key;
      await proveDeployment(client, name, number, key === undefined ? {} : { signingKey: key });
      return number;
    },
    /** Runs the guard. @throws Error if it refuses */
    ask,
    digest: async (number: string) => downloadDigest(client, await byNumber(number)),
    /** Runs the guard and moves production. @param between runs after the guard */
    async promote(number: string, more: object = {}, between: () => Promise<unknown> = async () => {}) {
      const outs = await ask(number, more);
      await between();
      if (!readDeploymentEvidence(await byNumber(number), "production"))
        await proveDeployment(client, name, number, { environment: "production" });
      const id = `${name}@production#test`;
      const inputs = { ...outs, version: outs.approvedVersion, environment: "production", stack: "test/production" };
      await stage.update(id, inputs as never, inputs as never);
    },
    version: byNumber,
  };
}

export type JudgedModel = ReturnType<typeof judgedModel>;

/** Returns the digest of a version's current files in the registry. */
export async function downloadDigest(client: MlflowClient, version: ModelVersion): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "digest-"));
  try {
    return await downloadModel(client, version, join(folder, "model"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
