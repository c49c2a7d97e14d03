import {
  NonFiniteAnswerError,
  openPredictor,
  type Predictor,
  PredictorError,
  type Signature,
} from "../../service/predictor/predictor.ts";
import type { Snapshot } from "../snapshot.ts";
import type { CheckGroup, CheckResult } from "./check.ts";
import { judgeChampion } from "./checks/champion.ts";
import { judgeData } from "./checks/data.ts";
import { judgeLatency } from "./checks/latency.ts";
import { judgeParity } from "./checks/parity.ts";
import { judgeMetric, judgePerformance } from "./checks/performance.ts";
import { judgeRobustness } from "./checks/robustness.ts";
import { judgeAnswers, judgeFiles } from "./checks/schema.ts";
import { judgeSlices } from "./checks/slices.ts";
import { type Evaluation, evaluate, ImpossibleAnswer, SignatureMismatch } from "./evaluation.ts";
import type { Facts } from "./facts.ts";
import type { Policy } from "./policy.ts";
import type { StoredPredictions } from "./stored-predictions.ts";

/** All that the checks look at. What a policy does not ask for need not be there. */
export interface Exhibits {
  /** Folder of the candidate's files. */
  readonly folder: string;
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
  const { folder, snapshot } = exhibits;
  const checks: CheckResult[] = [];
  try {
    if (policy.schema) checks.push(...(await judgeFiles(folder, policy.schema)));
    // What is forbidden is not opened either.
    if (checks.some(({ outcome, required }) => outcome === "fail" && required)) return { checks, facts: {} };
    return await withPredictor(folder, async (predictor) => {
      const evaluation = await evaluate(predictor, snapshot);
      const more = await judgeRunning(predictor, evaluation, exhibits, policy);
      return { checks: [...checks, ...more.checks], facts: more.facts, evaluation };
    });
  } catch (error) {
    if (!(error instanceof PredictorError)) throw error;
    return { checks: [...checks, cannotRun(error, folder)], facts: {} };
  }
}

async function withPredictor<Result>(folder: string, use: (predictor: Predictor) => Promise<Result>): Promise<Result> {
  const predictor = await openPredictor(folder);
  try {
    return await use(predictor);
  } finally {
    await predictor.close();
  }
}

/** Always required, whatever the policy says: a model that does this cannot be served. */
function cannotRun(error: PredictorError, folder: string): CheckResult {
  const [check, group]: [string, CheckGroup] =
    error instanceof NonFiniteAnswerError
      ? ["schema.finite", "schema"]
      : error instanceof SignatureMismatch
        ? ["schema.signature", "schema"]
        : error instanceof ImpossibleAnswer
          ? ["schema.answers", "schema"]
          : ["runs", "integrity"];
  const detail = `the model cannot be run: ${error.message.replaceAll(`${folder}/`, "")}`;
  return { check, group, outcome: "fail", required: true, detail };
}

async function judgeRunning(predictor: Predictor, evaluation: Evaluation, exhibits: Exhibits, policy: Policy) {
  const { snapshot, training, reference, storedPredictions } = exhibits;
  const checks: CheckResult[] = [];
  let facts: Facts = {};
  const take = (found: { readonly results: readonly CheckResult[]; readonly facts: Facts }) => {
    checks.push(...found.results);
    facts = { ...facts, ...found.facts };
  };
  if (policy.accuracy) checks.push(...judgeMetric("accuracy", "accuracy", evaluation, policy.accuracy));
  if (policy.performance) checks.push(...judgePerformance(evaluation, policy.performance));
  const champion = exhibits.champion && (await answersOf(exhibits.champion, snapshot, policy.champion !== undefined));
  if (exhibits.champion?.changed !== undefined)
    checks.push(notTheChampion(exhibits.champion.version, exhibits.champion.changed));
  else if (policy.champion)
    take({ results: judgeChampion(evaluation, champion, policy.champion), facts: championFacts(champion) });
  if (policy.schema) checks.push(...judgeAnswers(predictor.signature, snapshot, evaluation, champion, policy.schema));
  if (policy.slices) take(judgeSlices(evaluation, snapshot, policy.slices));
  if (policy.robustness) take(await judgeRobustness(predictor, snapshot, evaluation, policy.robustness));
  if (policy.latency) take(await judgeLatency(predictor, snapshot, policy.latency));
  if (policy.parity)
    checks.push(...judgeParity(evaluation, storedPredictions ?? "no predictions were read", policy.parity));
  if (policy.data) take(judgeData({ evaluation: snapshot, training, reference }, policy.data));
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
  { folder, changed, ...champion }: NonNullable<Exhibits["champion"]>,
  snapshot: Snapshot,
  wanted: boolean,
) {
  let signature: Signature | undefined;
  if (changed) return { ...champion, signature, evaluation: `cannot be asked: ${changed}` };
  try {
    return await withPredictor(folder, async (predictor) => {
      signature = predictor.signature;
      const evaluation = wanted ? await evaluate(predictor, snapshot) : "was not asked";
      return { ...champion, signature, evaluation };
    });
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
