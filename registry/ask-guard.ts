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
  /** Whether what production deploys is an image. */
  readonly needsImage?: boolean;
  /** PEM; where it is given, the gate's verdict must be signed with its private half. */
  readonly gatePublicKey?: string | undefined;
  readonly override?: PromotionOverride | undefined;
}

export interface GuardAnswer {
  readonly found: ModelVersion;
  /** Digest of the version's files as they are in the registry now. */
  readonly digest: string;
  /** The image in which staging verified it, by digest; empty where none is needed. */
  readonly image: string;
  /** Evidence behind the decision. */
  readonly proof: PromotionProof;
  readonly production: ProductionState;
  /** See GuardCase. */
  readonly wasInProduction: boolean;
  readonly decision: Decision;
}

/**
 * Asks the guard whether a version may go to production. Writes nothing.
 * @throws Error when the registry has no such version, or does not answer
 */
export async function askGuard(client: MlflowClient, inputs: PromotionInputs): Promise<GuardAnswer> {
  const { modelName, version, needsImage, gatePublicKey, override } = inputs;
  const key = gatePublicKey === undefined ? undefined : verificationKey(gatePublicKey, "gatePublicKey");
  const found = await requireVersion(client, modelName, version);
  const digest = await digestOf(client, found);
  const { ways, production, wasInProduction } = await readCase(client, found, digest);
  const imageOf = ({ proof }: PromotionCase) => (needsImage ? provedImage(proof.staging?.evidence) : { image: "" });
  // Without an image there is nothing to deploy, for whatever reason.
  const withoutImage = (way: PromotionCase): Refusal[] => {
    const proved = imageOf(way);
    return "refusal" in proved ? [{ reason: proved.refusal, overridable: false }] : [];
  };
  const { asked, refusals } = bestWay({ ways }, key, withoutImage);
  const proved = imageOf(asked);
  const decision = decidePromotion(version, refusals, override, new Date());
  const provedAs = "image" in proved ? proved.image : "";
  return { found, digest, image: provedAs, proof: asked.proof, production, wasInProduction, decision };
}

/** What the guard refuses a version for, in the words of an update. */
export const refusalText = ({ modelName, version }: PromotionInputs, { told }: Decision): string =>
  `promotion of ${modelName} version ${version} to production refused:\n${told.map((line) => `  - ${line}`).join("\n")}`;

/**
 * What an update would be refused for, for a preview: the guard's resource does not run there. Undefined when the guard will let the
 * version pass. It never throws: a preview must work while the registry is not running.
 */
export async function comingRefusal(inputs: PromotionInputs): Promise<string | undefined> {
  try {
    const { decision } = await askGuard(MlflowClient.forLookups(inputs.registry), inputs);
    return decision.allowed ? undefined : `coming refusal: ${refusalText(inputs, decision)}`;
  } catch (error) {
    return `the guard cannot be asked in this preview: ${error instanceof Error ? error.message : error}`;
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
