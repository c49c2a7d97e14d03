import { type OnnxModel, PredictorError } from "../../service/predictor/predictor.ts";
import type { Snapshot } from "../snapshot.ts";
import type { CheckResult } from "./check.ts";
import type { CheckDetails } from "./check-details.ts";
import { baselineDetails, judgeBaseline } from "./checks/baseline.ts";
import { judgeChampion } from "./checks/champion.ts";
import { checksOf, type Judgement } from "./checks/check-table.ts";
import { openCustom } from "./checks/custom.ts";
import { judgeMetric, judgePerformance } from "./checks/performance.ts";
import { judgeRowByRow } from "./checks/row-by-row.ts";
import { judgeSlices } from "./checks/slices.ts";
import {
  askedAlike,
  type ChampionFiles,
  type ComparedChampion,
  comparedWith,
  openChampion,
} from "./compared-champion.ts";
import { type ContractInput, ContractJudge, judgeWithoutContract } from "./contract/judge-contract.ts";
import { type Evaluation, evaluateAll } from "./evaluation.ts";
import { type EvaluationData, isHeld, type ReadData } from "./evaluation-data.ts";
import { groupsToDraw, measureSlices } from "./measure-slices.ts";
import type { AnomalyScores, Task } from "./metrics/answered-rows.ts";
import { METRICS } from "./metrics/metric-table.ts";
import { judgeFamily } from "./multiplicity.ts";
import { cannotRun } from "./open-candidate.ts";
import type { Policy } from "./policy.ts";
import type { StoredPredictions } from "./stored-predictions.ts";

/** An opened model and its task. */
export interface CandidateModel {
  readonly predictor: OnnxModel;
  readonly task: Task;
  /** For an anomaly detector: which end of its scores marks an anomaly. */
  readonly anomalyScores?: AnomalyScores | undefined;
}

/** Inputs of all checks. Inputs that the policy does not need may be absent. */
export interface CheckInputs extends CandidateModel {
  /** Folder of the candidate's files. */
  readonly folder: string;
  /** Read with the types of the candidate's signature. A stream only if the policy does not need its table. */
  readonly snapshot: EvaluationData;
  /**
   * Called once the first rows are read, before a model runs: an interrupted gate must not leave an earlier pass in place. Faults in later rows
   * appear after this call.
   */
  readonly begin?: (() => Promise<void>) | undefined;
  readonly training?: Snapshot | undefined;
  readonly reference?: Snapshot | undefined;
  /** Undefined if the stack has no data contract. */
  readonly contract?: ContractInput | undefined;
  /** The version in production; undefined if there is none. */
  readonly champion?: ChampionFiles | undefined;
  /** A string explains why there are none. */
  readonly storedPredictions?: StoredPredictions | string | undefined;
}

/** Result of all checks of a policy. */
export interface CheckRun {
  readonly checks: readonly CheckResult[];
  readonly facts: CheckDetails;
  /** The evaluation data. */
  readonly snapshot: Pick<Snapshot, "path" | "md5" | "rows">;
  /** Undefined if the model could not run. */
  readonly evaluation?: Evaluation;
  /** The version in production, if the policy compares with it. */
  readonly compared?: ComparedChampion | undefined;
}

/** Runs every check of the policy. A model that cannot run fails; that is not an error. */
export async function runChecks(inputs: CheckInputs, policy: Policy): Promise<CheckRun> {
  const { predictor, task, anomalyScores, folder, begin } = inputs;
  const { path, md5 } = inputs.snapshot;
  const champion = inputs.champion && (await openChampion(inputs.champion));
  const contract = inputs.contract && new ContractJudge(inputs.contract, inputs.snapshot);
  const terms = policy.data?.contract;
  try {
    const rival = policy.champion && champion?.predictor ? [askedAlike(champion.predictor, inputs)] : [];
    const { outcomes, ...read } = await evaluateAll(
      [{ predictor, task, anomalyScores }, ...rival],
      contract ? contract.watch(inputs.snapshot) : inputs.snapshot,
      begin,
    );
    const snapshot = { path, md5, rows: read.rows };
    const [evaluation, theirs] = outcomes;
    // Even if the model cannot predict the rows: their violations may be the reason.
    const kept = contract?.judge(path, terms) ?? { results: judgeWithoutContract(terms), facts: {} };
    try {
      if (evaluation instanceof PredictorError) throw evaluation;
      if (!evaluation) throw new Error(`${path} was read for a different model`);
      const compared = champion && (await comparedWith(champion, theirs, inputs, policy));
      const judging = { ...inputs, read, champion: compared };
      const { metrics, checks, facts } = await judgeRunning(evaluation, judging, policy);
      return {
        checks: [...checks, ...kept.results],
        facts: { ...facts, ...kept.facts },
        snapshot,
        evaluation: { ...evaluation, metrics: { ...evaluation.metrics, ...metrics } },
        ...(policy.champion && { compared }),
      };
    } catch (error) {
      return { checks: [cannotRun(error, folder), ...kept.results], facts: kept.facts, snapshot };
    }
  } finally {
    await champion?.predictor?.close();
  }
}

interface Judging extends Omit<CheckInputs, "champion"> {
  readonly read: ReadData;
  readonly champion: ComparedChampion | undefined;
}

async function judgeRunning(evaluation: Evaluation, judging: Judging, policy: Policy) {
  const { predictor, snapshot, read, training, reference, champion, storedPredictions } = judging;
  const checks: CheckResult[] = [];
  let facts: CheckDetails = {};
  const take = (found: Judgement) => {
    checks.push(...found.results);
    facts = { ...facts, ...found.facts };
  };
  const held = () => {
    if (isHeld(snapshot)) return snapshot;
    throw new Error(`the policy needs the table of ${snapshot.path}, which was streamed`);
  };
  const isChampion = champion?.changed === undefined;
  const slices = policy.slices && measureSlices(evaluation, held(), policy.slices, reference);
  const custom = policy.custom && (await openCustom(evaluation, held(), policy.custom));
  const family = judgeFamily(policy, async (terms) => [
    ...(terms.accuracy ? judgeMetric("accuracy", METRICS.accuracy, evaluation, terms.accuracy) : []),
    ...(terms.performance ? judgePerformance(evaluation, terms.performance) : []),
    ...(terms.champion && isChampion ? judgeChampion(evaluation, champion, terms.champion) : []),
    ...(terms.baseline ? judgeBaseline(evaluation, terms.baseline) : []),
    ...(terms.slices && slices ? judgeSlices(evaluation, slices, terms.slices).results : []),
    ...(terms.custom && custom ? await custom.judge(terms.custom) : []),
  ]);
  const { results, familywise } = await family.finally(() => custom?.close());
  const compared = policy.champion && isChampion ? championDetails(champion, judging, policy) : {};
  const groups = policy.slices && slices ? judgeSlices(evaluation, slices, policy.slices).facts : {};
  const baseline = baselineDetails(evaluation);
  take({ results, facts: { ...compared, ...baseline, ...groups, ...(familywise.checks > 0 && { familywise }) } });
  const mixed = await judgeRowByRow(predictor, evaluation.samples);
  if (mixed) checks.push(mixed);
  if (champion?.changed !== undefined) checks.push(notTheChampion(champion.version, champion.changed));
  const judged = { predictor, evaluation, ...read, table: held, training, reference, champion, storedPredictions };
  for (const [{ judge }, terms] of checksOf(policy)) take(await judge(judged, terms));
  return { checks, facts, metrics: custom?.metrics ?? {} };
}

/** Other files in the champion's place would let any candidate pass, and a policy must not be able to allow that. */
const notTheChampion = (version: string, changed: string): CheckResult => ({
  check: "champion.files",
  group: "integrity",
  outcome: "fail",
  required: true,
  detail: `cannot compare with champion version ${version}: ${changed}`,
});

/** The page plots the groups of both models side by side. */
function championDetails(
  champion: ComparedChampion | undefined,
  { snapshot, reference }: Pick<Judging, "snapshot" | "reference">,
  { slices }: Policy,
): CheckDetails {
  if (!champion || typeof champion.evaluation === "string") return {};
  const { version, sha256, evaluation } = champion;
  const groups = slices && isHeld(snapshot) && groupsToDraw(measureSlices(evaluation, snapshot, slices, reference));
  return { champion: { version, sha256, metrics: { ...evaluation.metrics }, ...(groups && { slices: groups }) } };
}
