import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadModel } from "./artifacts.ts";
import { verificationKey } from "./attestation/envelope.ts";
import { bestWay, readCase } from "./guard-case.ts";
import { MlflowClient, type RegistryAccess } from "./mlflow-client.ts";
import { type ModelVersion, requireVersion } from "./model-versions.ts";
import type { ProductionState } from "./production-state.ts";
import type { PromotionCase, Refusal } from "./promotion-guard.ts";
import { type Decision, decidePromotion, type PromotionOverride } from "./promotion-override.ts";
import type { PromotionProof } from "./promotion-proof.ts";
import { provedImage } from "./proved-image.ts";

export interface PromotionInputs {
  readonly registry: RegistryAccess;
  readonly modelName: string;
  readonly version: string;
  /** Whether production deploys an image. */
  readonly needsImage?: boolean;
  /** PEM; if set, the gate's verdict must be signed with the matching private key. */
  readonly gatePublicKey?: string | undefined;
  readonly override?: PromotionOverride | undefined;
}

export interface GuardResult {
  readonly found: ModelVersion;
  /** Digest of the version's files in the registry now. */
  readonly digest: string;
  /** The image in which staging verified the version, by digest; empty if no image is needed. */
  readonly image: string;
  /** Evidence behind the decision. */
  readonly proof: PromotionProof;
  readonly production: ProductionState;
  /** See GuardCase. */
  readonly wasInProduction: boolean;
  readonly decision: Decision;
}

/**
 * Decides whether a version may go to production. Writes nothing.
 * @throws Error when the registry has no such version or does not respond
 */
export async function evaluateGuard(client: MlflowClient, inputs: PromotionInputs): Promise<GuardResult> {
  const { modelName, version, needsImage, gatePublicKey, override } = inputs;
  const key = gatePublicKey === undefined ? undefined : verificationKey(gatePublicKey, "gatePublicKey");
  const found = await requireVersion(client, modelName, version);
  const digest = await digestOf(client, found);
  const { ways, production, wasInProduction } = await readCase(client, found, digest);
  const imageOf = ({ proof }: PromotionCase) => (needsImage ? provedImage(proof.staging?.evidence) : { image: "" });
  // Cannot be overridden: without an image there is nothing to deploy.
  const imageRefusals = (promotionCase: PromotionCase): Refusal[] => {
    const verified = imageOf(promotionCase);
    return "refusal" in verified ? [{ reason: verified.refusal, overridable: false }] : [];
  };
  const { promotionCase, refusals } = bestWay({ ways }, key, imageRefusals);
  const verified = imageOf(promotionCase);
  const decision = decidePromotion(version, refusals, override, new Date());
  const image = "image" in verified ? verified.image : "";
  return { found, digest, image, proof: promotionCase.proof, production, wasInProduction, decision };
}

/** Formats the guard's refusal as an error message. */
export const refusalText = ({ modelName, version }: PromotionInputs, { lines }: Decision): string =>
  `promotion of ${modelName} version ${version} to production refused:\n${lines.map((line) => `  - ${line}`).join("\n")}`;

/**
 * Returns the refusal that an update would end with, for a preview, in which the guard's resource does not run. Undefined when the guard
 * would allow the version. Never throws, because a preview must work while the registry is not running.
 */
export async function expectedRefusal(inputs: PromotionInputs): Promise<string | undefined> {
  try {
    const { decision } = await evaluateGuard(MlflowClient.forLookups(inputs.registry), inputs);
    return decision.allowed ? undefined : `expected refusal: ${refusalText(inputs, decision)}`;
  } catch (error) {
    return `this preview cannot run the promotion guard: ${error instanceof Error ? error.message : error}`;
  }
}

async function digestOf(client: MlflowClient, version: ModelVersion): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "promotion-"));
  try {
    return await downloadModel(client, version, join(folder, "model"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
