import { defineProvider } from "../dynamic/define-provider.ts";
import { withLookedUp } from "../dynamic/provider-inputs.ts";
import { evaluateGuard, type PromotionInputs, refusalText } from "./evaluate-guard.ts";
import { describeEvidence, lookUpRegistryInputs, type RegistryInputs } from "./guard-inputs.ts";
import { recordEvent } from "./history.ts";
import { servedBefore } from "./history-event.ts";
import { openHistory } from "./history-experiment.ts";
import { MlflowClient } from "./mlflow-client.ts";
import type { PromotionEvidence } from "./promotion-evidence.ts";
import { hasExpired, isByOverride } from "./promotion-override.ts";
import { promotionEvidence } from "./promotion-proof.ts";
import { readStoredBins } from "./reference-bins.ts";
import { changedTask } from "./registry-input.ts";
import { REPORT_PAGE_TAG } from "./report-url.ts";
import { contractOfReport } from "./stored-contract.ts";

export interface PromotionOutputs {
  readonly approvedVersion: string;
  readonly modelUri: string;
  readonly modelSha256: string;
  /** The image in which staging verified the version, by digest; empty if no image is needed. */
  readonly provedImage: string;
  /** Id of the MLflow run that produced the version. */
  readonly runId: string;
  readonly why: string;
  /** Artifact URI; empty for a version without a verdict. */
  readonly gateReport: string;
  /** Artifact URI of the gate's signed statement; empty if it is not signed. */
  readonly attestation: string;
  /** Evidence behind the decision, for the history. */
  readonly promotedWith: PromotionEvidence;
  /** The version's evidence when the guard ran: see requireStillApproved. */
  readonly guardedEvidence: string;
  /** Artifact URI of the report page of its last gate; undefined if an earlier release judged it. */
  readonly reportPage?: string;
  /** Bins of its gate's reference snapshot; empty if the gate had none, undefined if an earlier release judged it. */
  readonly driftReference?: string;
  /** Data contract that its gate applied, in the format of DATA_CONTRACT; undefined if it had none. */
  readonly dataContract?: string;
  /** Whether production has served these exact files before, as in a rollback. Undefined if an earlier release promoted it. */
  readonly wasInProduction?: boolean;
}

/**
 * Runs the guard. Records a refusal in the model's history.
 * @throws Error that names every reason when the version may not go to production
 */
export async function promote(inputs: PromotionInputs): Promise<PromotionOutputs> {
  const { registry, modelName, version } = inputs;
  const client = new MlflowClient(registry);
  const { found, digest, image, proof, production, wasInProduction, decision } = await evaluateGuard(client, inputs);
  const { allowed, why } = decision;
  const [gate, staging] = [proof.gate?.evidence, proof.staging?.evidence];
  const promotedWith = { ...promotionEvidence({ gate, staging }), modelSha256: digest };
  const from = servedBefore(production.move, production.alias);
  const event = { to: version, why, ...promotedWith, ...(from !== undefined && { from }) };
  if (!allowed) {
    const failure = refusalText(inputs, decision);
    await recordEvent(client, modelName, { kind: "refusal", ...event }).catch((cause) => {
      throw new Error(`${failure}\n  The refusal could not be recorded in the history: ${cause.message}`, { cause });
    });
    throw new Error(failure);
  }
  // RegistryStage records moves, but a new override for the version in production moves nothing and is recorded here.
  if (isByOverride(why) && from === version) await recordEvent(client, modelName, { kind: "override", ...event });
  // Ensures that the move can be recorded, before anything moves.
  else await openHistory(client, modelName);
  const reportPage = found.tags[REPORT_PAGE_TAG];
  const driftReference = await readStoredBins(client, found, gate?.report, (why) => console.error(why));
  const dataContract = contractOfReport(proof.gate?.report, (why) => console.error(why));
  return {
    approvedVersion: version,
    modelUri: `models:/${modelName}/${version}`,
    modelSha256: digest,
    provedImage: image,
    runId: found.runId,
    why,
    gateReport: gate?.report ?? "",
    attestation: gate?.attestation ?? "",
    promotedWith,
    guardedEvidence: describeEvidence(found),
    wasInProduction,
    // The engine rejects a response that contains an undefined property.
    ...(reportPage !== undefined && { reportPage }),
    ...(driftReference !== undefined && { driftReference }),
    ...(dataContract !== undefined && { dataContract }),
  };
}

/**
 * Returns whether the guard's previous decision still counts. It does for a version in production, unless the version was withdrawn,
 * belongs to another run, or was promoted by an override that has expired. For any other version, the guard must decide again.
 */
function isDecided(olds: Partial<PromotionOutputs>, news: PromotionInputs & RegistryInputs): boolean {
  const { version, override, production, withdrawn, runId } = news;
  if (isByOverride(olds.why) && override && hasExpired(override, new Date())) return false;
  // Unknown in this preview.
  if (production === undefined) return true;
  return production === `version ${version}` && withdrawn === undefined && runId === olds.runId;
}

export const provider = defineProvider({
  check: (_olds: object, news: PromotionInputs) => withLookedUp(news, lookUpRegistryInputs),
  async diff(_id: string, olds: PromotionInputs & Partial<PromotionOutputs>, news: PromotionInputs & RegistryInputs) {
    const changed = changedTask(olds, news, ["modelName", "version", "needsImage", "gatePublicKey", "override"]);
    return { changes: changed.length > 0 || !isDecided(olds, news) };
  },
  async create(inputs: PromotionInputs) {
    return { id: inputs.modelName, outs: { ...inputs, ...(await promote(inputs)) } };
  },
  async update(_id: string, _olds: PromotionInputs, news: PromotionInputs) {
    return { outs: { ...news, ...(await promote(news)) } };
  },
  async delete() {
    // A decision creates nothing that would have to be removed.
  },
});
