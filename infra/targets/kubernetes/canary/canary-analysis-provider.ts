import { defineProvider } from "../../../../dynamic/define-provider.ts";
import { changedInputs } from "../../../../dynamic/provider-inputs.ts";
import { MlflowClient } from "../../../../registry/mlflow-client.ts";
import { getVersionByAlias } from "../../../../registry/model-versions.ts";
import type { MoveRecord } from "../../../record-move.ts";
import { withProxiedApi } from "../proxied-api.ts";
import type { CanaryAnalysisSettings } from "./canary-analysis.ts";
import { type Outcome, runTrial } from "./trial.ts";

interface Candidate {
  readonly image: string;
  readonly version: string;
  readonly sha256: string;
}

export interface CanaryAnalysisInputs extends CanaryAnalysisSettings {
  readonly candidate: Candidate;
  /** Absent in the state of earlier releases. */
  readonly standing?: Pick<MoveRecord, "registry" | "modelName" | "environment">;
  /** Whether production has served it before; undefined in the state of earlier releases. */
  readonly wasInProduction?: boolean | undefined;
}

/** Returns the error for a canary that did not pass. */
export function refusal({ verdict, findings }: Outcome, { candidate, canary, seconds }: CanaryAnalysisInputs): Error {
  const why =
    verdict === "fail"
      ? "it is worse than the version that serves"
      : `${seconds} s were not enough to tell whether it is as good as the version that serves. Watch it for longer, with more requests: ` +
        "pulumi config set --path canary.seconds <seconds>. Without callers, no trial can pass: pulumi config rm canary";
  return new Error(
    `the canary of version ${candidate.version} did not pass (${verdict}): ${why}\n` +
      `${findings.map((finding) => `  - ${finding}`).join("\n")}\n` +
      `${canary} is scaled to 0; the stable pods are unchanged`,
  );
}

async function standingVersion({ standing }: CanaryAnalysisInputs): Promise<string | undefined> {
  if (!standing) return undefined;
  const { registry, modelName, environment } = standing;
  return (await getVersionByAlias(new MlflowClient(registry), modelName, environment))?.version;
}

async function analyse(inputs: CanaryAnalysisInputs) {
  const report = (line: string) => console.error(line);
  const outcome = await withProxiedApi(inputs, (api) => runTrial(api, inputs, report, () => standingVersion(inputs)));
  if (outcome.verdict !== "pass") throw refusal(outcome, inputs);
  for (const finding of outcome.findings) console.error(`canary: ${finding}`);
  return { approved: inputs.candidate, findings: outcome.findings };
}

export const provider = defineProvider({
  /** A new policy does not trigger a trial of the serving version: there is nothing to compare it with. */
  async diff(_id: string, olds: CanaryAnalysisInputs, news: CanaryAnalysisInputs) {
    return { changes: changedInputs(olds, news, ["candidate", "namespace", "stable"]).length > 0 };
  },
  async create(inputs: CanaryAnalysisInputs) {
    return { id: inputs.canary, outs: { ...inputs, ...(await analyse(inputs)) } };
  },
  async update(_id: string, _olds: CanaryAnalysisInputs, news: CanaryAnalysisInputs) {
    return { outs: { ...news, ...(await analyse(news)) } };
  },
  async delete() {
    // Nothing to delete.
  },
});
