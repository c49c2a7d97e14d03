import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DataContract } from "../../data/contract/data-contract.ts";
import { printable } from "../../data/printable.ts";
import type { DataFormat } from "../../data/reader/data-format.ts";
import { downloadModel } from "../../registry/artifacts.ts";
import { type Champion, findChampion, NO_CHAMPION, NOT_COMPARED } from "../../registry/champion.ts";
import { DECLARED_DIGEST_TAG, readGateEvidence } from "../../registry/evidence.ts";
import type { MlflowClient } from "../../registry/mlflow-client.ts";
import { type ModelVersion, requireReady, requireVersion } from "../../registry/model-versions.ts";
import { runtimeName } from "../../service/predictor/versions.ts";
import { loadSnapshot, requirePinned, type Snapshot } from "../snapshot.ts";
import type { CheckResult } from "./check.ts";
import { checkModel, countRows } from "./check-model.ts";
import { contractOfOthers } from "./contract/contract-of-others.ts";
import { scriptDigests } from "./custom/scripts.ts";
import { evaluationData, needsReference, readAs } from "./evaluation-data.ts";
import { comparesWithChampion } from "./gate-inputs.ts";
import { detectorOf } from "./metrics/answered-rows.ts";
import { nameWorstRows } from "./name-worst-rows.ts";
import type { Policy } from "./policy.ts";
import { buildReport, type GateReport } from "./report.ts";
import type { CandidateModel, CheckInputs, CheckRun } from "./run-checks.ts";
import { readStoredPredictions } from "./stored-predictions.ts";
import { decide } from "./verdict.ts";
import { worstRows } from "./worst-rows.ts";

export interface GateTask {
  readonly modelName: string;
  readonly version: string;
  /** Path of the evaluation snapshot. */
  readonly evaluationData: string;
  /** Paths of the training and reference snapshots: read if the policy checks leakage or drift. */
  readonly trainingData?: string | undefined;
  readonly referenceData?: string | undefined;
  /**
   * Digest (MD5) of each snapshot at the start of the update; undefined if nothing ran in between. A trainer can write to the folder, but must
   * not choose the data that it is evaluated on.
   */
  readonly evaluationMd5?: string | undefined;
  readonly trainingMd5?: string | undefined;
  readonly referenceMd5?: string | undefined;
  readonly policy: Policy;
  /** Format of the snapshots. */
  readonly dataFormat?: DataFormat | undefined;
  /** Data contract of the snapshots; undefined if the stack has none. */
  readonly contract?: DataContract | undefined;
}

/** Hooks of the evaluation. */
export interface JudgeHooks {
  /** Called once the first rows are read, before the model runs. */
  readonly begin?: (version: ModelVersion) => Promise<void>;
  /** Called with the opened model before its evaluation; with undefined if it must not or cannot be opened. */
  readonly opened?: (model: CandidateModel | undefined) => Promise<void>;
}

/**
 * Evaluates a registered version: downloads its files, runs them on the evaluation snapshot, applies the policy.
 * Only its hooks write anything. A model that does not match its declared digest, or that cannot run, fails the gate; that is not an error.
 * @throws Error if registry or snapshot cannot be read
 */
export async function judge(
  client: MlflowClient,
  task: GateTask,
  { begin = async () => {}, opened = async () => {} }: JudgeHooks = {},
): Promise<GateReport> {
  const { policy } = task;
  // Fail before the download.
  await requirePinned(task.evaluationData, task.evaluationMd5);
  const scripts = await scriptDigests(policy);
  const version = await requireVersion(client, task.modelName, task.version, deletedHint(task.modelName));
  requireReady(version);
  const temporary = await mkdtemp(join(tmpdir(), "gate-"));
  try {
    const folder = join(temporary, "model");
    const digest = await downloadModel(client, version, folder);
    const changed = integrityFailure(version, digest);
    const compared = comparesWithChampion(policy);
    const champion = compared ? await findChampion(client, task.modelName) : undefined;
    const gather = async (model: CandidateModel | undefined) => {
      await opened(model);
      const snapshot = await evaluationData(evaluationOf(task), model);
      return {
        snapshot,
        begin: () => begin(version),
        ...(model && (await readEvidence(client, task, { version, champion, snapshot, model, temporary }))),
      };
    };
    const result = changed
      ? { ...(await countRows(await gather(undefined))), checks: [changed] }
      : await checkModel({ folder, policy, format: task.dataFormat }, gather);
    // Details quote names from the model's files.
    const checks = result.checks.map((check) => ({ ...check, detail: printable(check.detail) }));
    const decision = decide(checks, policy.inconclusive);
    return buildReport({
      version,
      digest,
      policy,
      contract: task.contract,
      scripts,
      ...result,
      checks,
      decision,
      judgedAt: new Date(),
      worst: await worstOf(result, task),
      champion: champion?.text ?? (compared ? NO_CHAMPION : NOT_COMPARED),
      runtime: runtimeName(),
      trustedDigest: trustedDigest(version) ?? digest,
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function worstOf({ evaluation, snapshot }: CheckRun, { dataFormat: format }: GateTask) {
  // A detector with only scores has no labels that could be wrong.
  if (!evaluation || detectorOf(evaluation)?.unlabelled) return undefined;
  return nameWorstRows(worstRows(evaluation, evaluation.weights), { ...snapshot, format });
}

const evaluationOf = ({
  evaluationData: path,
  evaluationMd5: md5,
  dataFormat: format,
  policy,
  contract,
}: GateTask) => ({
  path,
  md5,
  format,
  policy,
  contract,
});

const deletedHint = (modelName: string) =>
  `It was deleted after this stack trained it, or never existed. To train a new one: pulumi up --replace '**::${modelName}-trainer'`;

interface Gathering {
  readonly version: ModelVersion;
  /** Undefined if the policy compares with none, or none is in production. */
  readonly champion: Champion | undefined;
  readonly snapshot: Pick<Snapshot, "path" | "md5">;
  readonly model: CandidateModel;
  /** Folder for temporary files. */
  readonly temporary: string;
}

/** Reads the inputs that the policy's checks need besides the model and the evaluation snapshot. */
async function readEvidence(
  client: MlflowClient,
  task: GateTask,
  { version, champion, snapshot, model, temporary }: Gathering,
): Promise<Pick<CheckInputs, "training" | "reference" | "contract" | "champion" | "storedPredictions">> {
  const { policy, trainingData, referenceData, dataFormat: format } = task;
  const evaluation = evaluationOf(task);
  // Only the columns of the other snapshots are compared, so their label is ignored.
  const load = (path: string | undefined, md5: string | undefined) =>
    path === undefined
      ? undefined
      : loadSnapshot(path, { md5, format, others: "any", ...readAs(model), label: { kind: "any" } });
  const { leakage, nearDuplicates } = policy.data ?? {};
  const training = (leakage ?? nearDuplicates) ? await load(trainingData, task.trainingMd5) : undefined;
  const reference = needsReference(policy) ? await load(referenceData, task.referenceMd5) : undefined;
  const { contract } = task;
  return {
    training,
    reference,
    contract: contract && { contract, others: await contractOfOthers(task, contract, model, { training, reference }) },
    champion: champion && {
      ...(await fetchChampion(client, champion, join(temporary, "champion"))),
      reread: (signature) =>
        evaluationData(
          { ...evaluation, md5: evaluation.md5 ?? snapshot.md5 },
          { predictor: { signature }, task: model.task },
        ),
    },
    storedPredictions: policy.parity ? await readStoredPredictions(client, version, snapshot) : undefined,
  };
}

/** Downloads and verifies the champion's files: a weaker model in its place would let any candidate pass. */
async function fetchChampion(
  client: MlflowClient,
  { version, sha256: served }: Champion,
  folder: string,
): Promise<NonNullable<CheckInputs["champion"]>> {
  const sha256 = await downloadModel(client, version, folder);
  const swapped =
    served === undefined || served === sha256
      ? undefined
      : `artifact changed: production serves sha256 ${served}, but the registry now has ${sha256}`;
  const changed = integrityFailure(version, sha256)?.detail ?? swapped;
  return { version: version.version, folder, sha256, changed };
}

/**
 * Verifies that the files are those that the trainer registered or, if it declared no digest, those that the gate evaluated before. An edited gate
 * tag next to an intact declaration is not a failure: the gate runs again and rewrites the tag.
 */
export function integrityFailure(version: ModelVersion, digest: string): CheckResult | undefined {
  const declared = version.tags[DECLARED_DIGEST_TAG];
  const was = trustedDigest(version);
  if (was === undefined || was === digest) return undefined;
  const origin = declared === undefined ? "the gate evaluated before" : "the trainer registered";
  return {
    check: "integrity",
    group: "integrity",
    outcome: "fail",
    required: true,
    detail: `artifact changed: ${origin} sha256 ${was}, but the registry now has ${digest}`,
  };
}

/**
 * Digest of the version's original files; undefined if none is recorded. It stays on the version when other files fail; otherwise the
 * next run would trust those files, because the gate evaluated them before.
 */
export const trustedDigest = (version: ModelVersion): string | undefined =>
  version.tags[DECLARED_DIGEST_TAG] ?? readGateEvidence(version)?.modelSha256;
