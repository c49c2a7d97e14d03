import { describeEvidence } from "./guard-inputs.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import { requireVersion } from "./model-versions.ts";
import { isInProduction, readProductionState } from "./production-state.ts";
import { withdrawalOf } from "./withdrawal.ts";

export interface Approval {
  readonly modelName: string;
  readonly version: string;
  /** The version's evidence when the guard ran; undefined in the state of an earlier release. */
  readonly guardedEvidence?: string | undefined;
}

/**
 * Checks a version again right before it goes to production. Since the guard ran, it may have been withdrawn or judged again, and
 * `up --target` may have skipped the guard. A version that is already in production is not checked, because nothing moves.
 * @throws Error that names what has changed and the remedy
 */
export async function requireStillApproved(client: MlflowClient, approval: Approval): Promise<void> {
  const { modelName, version, guardedEvidence } = approval;
  const [found, state] = await Promise.all([
    requireVersion(client, modelName, version),
    readProductionState(client, modelName),
  ]);
  if (isInProduction(state, version)) return;
  const refuse = (why: string) => {
    throw new Error(
      `${modelName} version ${version} does not go to production: ${why}. Run pulumi up on the production stack again, without --target, so that the guard runs`,
    );
  };
  const withdrawn = withdrawalOf(found);
  if (withdrawn !== undefined) refuse(`it was withdrawn: ${withdrawn}`);
  const evidence = describeEvidence(found);
  if (guardedEvidence !== undefined && guardedEvidence !== evidence)
    refuse(`its evidence has changed since the guard ran. Before: ${guardedEvidence}. Now: ${evidence}`);
}
