import type { DataFormat } from "../../data/reader/data-format.ts";
import { readParts } from "./evaluation-data.ts";
import { openCandidate } from "./open-candidate.ts";
import type { Policy } from "./policy.ts";
import { type CandidateModel, type CheckInputs, type CheckRun, runChecks } from "./run-checks.ts";

/** Inputs of the checks other than the candidate. */
export type Evidence = Omit<CheckInputs, "folder" | keyof CandidateModel>;

/**
 * Opens a model's files and runs every check of the policy.
 * @param gather reads the data for the opened model, whose signature gives the types; undefined if the model must not or cannot be opened
 */
export async function checkModel<Gathered extends Evidence>(
  {
    folder,
    policy,
    format,
  }: { readonly folder: string; readonly policy: Policy; readonly format?: DataFormat | undefined },
  gather: (model: CandidateModel | undefined) => Promise<Gathered>,
): Promise<CheckRun & { readonly gathered: Gathered }> {
  const { checks, model } = await openCandidate(folder, policy, format);
  try {
    const gathered = await gather(model);
    if (!model) return { ...(await countRows(gathered)), checks, gathered };
    const run = await runChecks({ ...gathered, folder, ...model }, policy);
    return { ...run, checks: [...checks, ...run.checks], gathered };
  } finally {
    await model?.predictor.close();
  }
}

/** Counts the rows without running a model. */
export async function countRows({ snapshot, begin }: Evidence): Promise<Pick<CheckRun, "facts" | "snapshot">> {
  const { path, md5 } = snapshot;
  const { rows } = await readParts(snapshot, () => {});
  await begin?.();
  return { facts: {}, snapshot: { path, md5, rows } };
}
