import { type OnnxModel, openPredictor, PredictorError, type Signature } from "../../service/predictor/predictor.ts";
import { type Evaluation, type Evaluations, evaluate } from "./evaluation.ts";
import type { EvaluationData } from "./evaluation-data.ts";
import type { Policy } from "./policy.ts";
import type { CandidateModel } from "./run-checks.ts";

/** Files of the version in production. */
export interface ChampionFiles {
  readonly version: string;
  readonly sha256: string;
  readonly folder: string;
  /** How its files changed since its promotion; undefined if they did not. */
  readonly changed?: string | undefined;
  /** Reads the evaluation snapshot for another signature. */
  readonly reread?: ((signature: Signature) => Promise<EvaluationData>) | undefined;
}

export interface OpenedChampion extends ChampionFiles {
  /** Undefined if `cannot` explains why. The caller closes it. */
  readonly predictor: OnnxModel | undefined;
  readonly cannot: string;
}

/** The version in production, with its predictions for the candidate's rows. */
export interface ComparedChampion extends Pick<ChampionFiles, "version" | "sha256" | "changed"> {
  readonly signature: Signature | undefined;
  /** A string explains why there is no evaluation. */
  readonly evaluation: Evaluation | string;
}

export async function openChampion(files: ChampionFiles): Promise<OpenedChampion> {
  if (files.changed) return { ...files, predictor: undefined, cannot: `cannot be run: ${files.changed}` };
  try {
    return { ...files, predictor: await openPredictor(files.folder), cannot: "" };
  } catch (error) {
    return { ...files, predictor: undefined, cannot: failureOf(error, files) };
  }
}

/** Runs the champion on the candidate's task. Its files may declare which end of its scores marks an anomaly; default: the candidate's. */
export const askedAlike = (
  predictor: OnnxModel,
  { task, anomalyScores }: Pick<CandidateModel, "task" | "anomalyScores">,
) => ({ predictor, task, anomalyScores: predictor.hints?.anomalyScores ?? anomalyScores });

/** Evaluates the champion on the candidate's rows. @param outcome of an earlier run on them; undefined if the champion was not run, or needs other columns */
export async function comparedWith(
  { version, sha256, changed, folder, predictor, cannot, reread }: OpenedChampion,
  outcome: Evaluations["outcomes"][number],
  candidate: { readonly snapshot: EvaluationData } & Pick<CandidateModel, "task" | "anomalyScores">,
  policy: Pick<Policy, "champion">,
): Promise<ComparedChampion> {
  const champion = { version, sha256, changed, signature: predictor?.signature };
  if (!predictor) return { ...champion, evaluation: cannot };
  if (!policy.champion) return { ...champion, evaluation: "was not run" };
  try {
    const data = outcome || !reread ? candidate.snapshot : await reread(predictor.signature);
    const { task, anomalyScores } = askedAlike(predictor, candidate);
    const found = outcome ?? (await evaluate(predictor, data, task, anomalyScores));
    if (found instanceof PredictorError) throw found;
    return { ...champion, evaluation: found };
  } catch (error) {
    return { ...champion, evaluation: failureOf(error, { folder }) };
  }
}

/** @throws any error that is not a PredictorError */
function failureOf(error: unknown, { folder }: Pick<ChampionFiles, "folder">): string {
  if (!(error instanceof PredictorError)) throw error;
  return `cannot predict these rows: ${error.message.replaceAll(`${folder}/`, "")}`;
}
