import { type OnnxModel, openPredictor, PredictorError, type Signature } from "../../service/predictor/predictor.ts";
import { type Evaluation, type Evaluations, evaluate } from "./evaluation.ts";
import type { EvaluationData } from "./evaluation-data.ts";
import type { Policy } from "./policy.ts";
import type { CandidateModel } from "./run-checks.ts";

/** The files of the version in production. */
export interface ChampionFiles {
  readonly version: string;
  readonly sha256: string;
  readonly folder: string;
  /** Says that its files are not those that it was promoted with. */
  readonly changed?: string | undefined;
  /** Reads the evaluation snapshot for another signature. */
  readonly reread?: ((signature: Signature) => Promise<EvaluationData>) | undefined;
}

export interface OpenedChampion extends ChampionFiles {
  /** Undefined where `cannot` says why. To be closed. */
  readonly predictor: OnnxModel | undefined;
  readonly cannot: string;
}

/** The version in production, and what it answered to the rows that the candidate answered. */
export interface ComparedChampion extends Pick<ChampionFiles, "version" | "sha256" | "changed"> {
  readonly signature: Signature | undefined;
  /** A text says why there is none. */
  readonly evaluation: Evaluation | string;
}

export async function openChampion(files: ChampionFiles): Promise<OpenedChampion> {
  if (files.changed) return { ...files, predictor: undefined, cannot: `cannot be asked: ${files.changed}` };
  try {
    return { ...files, predictor: await openPredictor(files.folder), cannot: "" };
  } catch (error) {
    return { ...files, predictor: undefined, cannot: failureOf(error, files) };
  }
}

/** The champion as it is asked: for the candidate's task. Its own files say which end of its scores anomalies are at, else it is that of the candidate. */
export const askedAlike = (
  predictor: OnnxModel,
  { task, anomalyScores }: Pick<CandidateModel, "task" | "anomalyScores">,
) => ({ predictor, task, anomalyScores: predictor.hints?.anomalyScores ?? anomalyScores });

/** @param outcome of the pass over the candidate's rows; undefined where the champion was not asked, or where other columns must be read for it */
export async function comparedWith(
  { version, sha256, changed, folder, predictor, cannot, reread }: OpenedChampion,
  outcome: Evaluations["outcomes"][number],
  candidate: { readonly snapshot: EvaluationData } & Pick<CandidateModel, "task" | "anomalyScores">,
  policy: Pick<Policy, "champion">,
): Promise<ComparedChampion> {
  const champion = { version, sha256, changed, signature: predictor?.signature };
  if (!predictor) return { ...champion, evaluation: cannot };
  if (!policy.champion) return { ...champion, evaluation: "was not asked" };
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

/** @throws what is no PredictorError */
function failureOf(error: unknown, { folder }: Pick<ChampionFiles, "folder">): string {
  if (!(error instanceof PredictorError)) throw error;
  return `cannot answer these rows: ${error.message.replaceAll(`${folder}/`, "")}`;
}
