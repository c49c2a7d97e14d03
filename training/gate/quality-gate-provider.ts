import { changedTask } from "../../registry/changed-task.ts";
import type { RegistryAccess } from "../../registry/mlflow-client.ts";
import type { GateTask } from "./judge.ts";

export interface QualityGateInputs extends GateTask {
  readonly registry: RegistryAccess;
  /** Of the version's MLflow run: the same number of another run is judged anew. */
  readonly runId?: string;
  /** MD5 of the evaluation snapshot: other data is judged anew. */
  readonly evaluationMd5: string;
  /** PEM of an Ed25519 private key that the verdict is signed with. */
  readonly signingKey?: string | undefined;
  readonly trainingMd5?: string;
  readonly referenceMd5?: string;
}

export interface QualityGateOutputs {
  readonly approvedVersion: string;
  readonly modelUri: string;
  readonly modelSha256: string;
  readonly verdict: string;
  readonly reportUri: string;
  /** Share of right answers on the evaluation snapshot. */
  readonly accuracy: number;
}

/** Where the data lies, and with which password the registry is read, changes nothing about the verdict. */
const KEYS = [
  ...([
    "modelName",
    "version",
    "runId",
    "policy",
    "evaluationMd5",
    "trainingMd5",
    "referenceMd5",
    "signingKey",
  ] as const),
] as const;

/** Judging takes much code: an update that judges nothing does not load it. */
const passGate = async (inputs: QualityGateInputs): Promise<QualityGateOutputs> =>
  (await import("./pass-gate.ts")).passGate(inputs);

export const provider = {
  async diff(_id: string, olds: QualityGateInputs, news: QualityGateInputs) {
    return { changes: changedTask(olds, news, KEYS).length > 0 };
  },
  async create(inputs: QualityGateInputs) {
    return { id: inputs.modelName, outs: { ...inputs, ...(await passGate(inputs)) } };
  },
  async update(_id: string, _olds: QualityGateInputs, news: QualityGateInputs) {
    return { outs: { ...news, ...(await passGate(news)) } };
  },
  async delete() {
    // A verdict stays with its version.
  },
};
