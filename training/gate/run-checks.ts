import { type OnnxModel, openPredictor, PredictorError, type Signature } from "../../service/predictor/predictor.ts";
import type { Snapshot } from "../snapshot.ts";
import type { CheckResult } from "./check.ts";
import { judgeChampion } from "./checks/champion.ts";
import { judgeData } from "./checks/data.ts";
import { judgeLatency } from "./checks/latency.ts";
import { judgeParity } from "./checks/parity.ts";
import { judgeMetric, judgePerformance } from "./checks/performance.ts";
import { judgeRobustness } from "./checks/robustness.ts";
import { judgeAnswers } from "./checks/schema.ts";
import { judgeSlices } from "./checks/slices.ts";
import { type Evaluation, evaluate } from "./evaluation.ts";
import type { Facts } from "./facts.ts";
import type { Task } from "./metrics/answered-rows.ts";
import { METRICS } from "./metrics/metric-table.ts";
import { isReadFor } from "./model-table.ts";
import { judgeFamily } from "./multiplicity.ts";
import { cannotRun } from "./open-candidate.ts";
import type { Policy } from "./policy.ts";
import type { StoredPredictions } from "./stored-predictions.ts";

/** An opened model, and what it is judged as. */
export interface CandidateModel {
  readonly predictor: OnnxModel;
  readonly task: Task;
}

/** All that the checks look at. What a policy does not ask for need not be there. */
export interface Exhibits extends CandidateModel {
  /** Folder of the candidate's files. */
  readonly folder: string;
  /** Read for the candidate: its columns have the types of the candidate's signature. */
  readonly snapshot: Snapshot;
  readonly training?: Snapshot | undefined;
  readonly reference?: Snapshot | undefined;
  /** The version in production; undefined when there is none. */
  readonly champion?:
    | {
        readonly version: string;
        readonly sha256: string;
        readonly folder: string;
        /** Says that its files are not those that it was promoted with. */
        readonly changed?: string | undefined;
        /** Reads the evaluation snapshot for another signature. */
        readonly reread?: ((signature: Signature) => Promise<Snapshot>) | undefined;
      }
    | undefined;
  /** A text says why there are none. */
  readonly storedPredictions?: StoredPredictions | string | undefined;
}

export interface Examination {
  readonly checks: readonly CheckResult[];
  readonly facts: Facts;
  /** Undefined when the model could not be run. */
  readonly evaluation?: Evaluation;
}

/** Runs every check that the policy names. A model that cannot be run fails, and is not an error. */
export async function runChecks(exhibits: Exhibits, policy: Policy): Promise<Examination> {
  try {
    const evaluation = await evaluate(exhibits.predictor, exhibits.snapshot, exhibits.task);
    return { ...(await judgeRunning(evaluation, exhibits, policy)), evaluation };
  } catch (error) {
    return { checks: [cannotRun(error, exhibits.folder)], facts: {} };
  }
}

async function judgeRunning(evaluation: Evaluation, exhibits: Exhibits, policy: Policy) {
  const { predictor, snapshot, training, reference, storedPredictions } = exhibits;
  const checks: CheckResult[] = [];
  let facts: Facts = {};
  const take = (found: { readonly results: readonly CheckResult[]; readonly facts: Facts }) => {
    checks.push(...found.results);
    facts = { ...facts, ...found.facts };
  };
  const champion = exhibits.champion && (await answersOf(exhibits.champion, exhibits, policy.champion !== undefined));
  const changed = exhibits.champion?.changed;
  const { results, familywise } = judgeFamily(policy, (terms) => [
    ...(terms.accuracy ? judgeMetric("accuracy", METRICS.accuracy, evaluation, terms.accuracy) : []),
    ...(terms.performance ? judgePerformance(evaluation, terms.performance) : []),
    ...(terms.champion && changed === undefined ? judgeChampion(evaluation, champion, terms.champion) : []),
  ]);
  take({
    results,
    facts: {
      ...(familywise.checks > 0 && { familywise }),
      ...(policy.champion && changed === undefined && championFacts(champion)),
    },
  });
  if (exhibits.champion && changed !== undefined) checks.push(notTheChampion(exhibits.champion.version, changed));
  if (policy.schema) checks.push(...judgeAnswers(predictor.signature, snapshot, evaluation, champion, policy.schema));
  if (policy.slices) take(judgeSlices(evaluation, snapshot, policy.slices));
  if (policy.robustness) take(await judgeRobustness(predictor, snapshot, evaluation, policy.robustness));
  if (policy.latency) take(await judgeLatency(predictor, snapshot, policy.latency));
  if (policy.parity)
    checks.push(...judgeParity(evaluation, storedPredictions ?? "no predictions were read", policy.parity));
  if (policy.data)
    take(judgeData({ evaluation: snapshot, training, reference, signature: predictor.signature }, policy.data));
  return { checks, facts };
}

/** Other files under the champion's name would let any candidate pass, and a policy must not be able to let that through. */
const notTheChampion = (version: string, changed: string): CheckResult => ({
  ...{ check: "champion.files", group: "integrity", outcome: "fail", required: true },
  detail: `champion version ${version} cannot be compared with: ${changed}`,
});

type Answered = Awaited<ReturnType<typeof answersOf>>;

/** @param wanted whether its answers are asked for, beside its signature */
async function answersOf(
  { folder, changed, reread, ...champion }: NonNullable<Exhibits["champion"]>,
  { snapshot, task }: Exhibits,
  wanted: boolean,
) {
  let signature: Signature | undefined;
  if (changed) return { ...champion, signature, evaluation: `cannot be asked: ${changed}` };
  try {
    const predictor = await openPredictor(folder);
    try {
      signature = predictor.signature;
      if (!wanted) return { ...champion, signature, evaluation: "was not asked" };
      const rows = !reread || isReadFor(signature, snapshot) ? snapshot : await reread(signature);
      return { ...champion, signature, evaluation: await evaluate(predictor, rows, task) };
    } finally {
      await predictor.close();
    }
  } catch (error) {
    if (!(error instanceof PredictorError)) throw error;
    return {
      ...champion,
      signature,
      evaluation: `cannot answer these rows: ${error.message.replaceAll(`${folder}/`, "")}`,
    };
  }
}

function championFacts(champion: Answered | undefined): Facts {
  if (!champion || typeof champion.evaluation === "string") return {};
  const { version, sha256, evaluation } = champion;
  return { champion: { version, sha256, metrics: { ...evaluation.metrics } } };
}
