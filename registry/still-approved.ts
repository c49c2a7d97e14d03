import { describeEvidence } from "./guard-inputs.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import { requireVersion } from "./model-versions.ts";
import { isInProduction, readProductionState } from "./production-state.ts";
import { withdrawalOf } from "./withdrawal.ts";

export interface Approval {
  readonly modelName: string;
  readonly version: string;
  /** The evidence that the guard saw on the version; undefined in a state of an earlier release. */
  readonly guardedEvidence?: string | undefined;
}

/**
 * Asks once more, right before a version goes to production: since the guard was asked, it may have been withdrawn or judged again, and `up --target`
 * leaves the guard out. A version that is in production already goes nowhere.
 * @throws Error that says what has changed, and the way out
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
      `${modelName} version ${version} does not go to production: ${why}. Run pulumi up on the production stack again, without --target: it asks the guard`,
    );
  };
  const withdrawn = withdrawalOf(found);
  if (withdrawn !== undefined) refuse(`it was withdrawn: ${withdrawn}`);
  const evidence = describeEvidence(found);
  if (guardedEvidence !== undefined && guardedEvidence !== evidence)
    refuse(`its evidence has changed since the guard was asked. It was: ${guardedEvidence}. It is: ${evidence}`);
}
