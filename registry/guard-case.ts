import type { KeyObject } from "node:crypto";
import { NO_CHAMPION, readChampion } from "./champion.ts";
import { distrustPromotion } from "./distrust-proof.ts";
import { RegistryError } from "./errors.ts";
import { readDeploymentEvidence } from "./evidence.ts";
import { movesTo } from "./history.ts";
import { type HistoryEvent, moveKind } from "./history-event.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import type { ModelVersion } from "./model-versions.ts";
import {
  describeProduction,
  isInProduction,
  namedVersions,
  type ProductionState,
  readProductionState,
} from "./production-state.ts";
import { findRefusals, type PromotionCase, type Refusal } from "./promotion-guard.ts";
import { readProof } from "./promotion-proof.ts";

/** The guard's inputs for each way in which a version may qualify for production. */
export interface GuardCase {
  /** By its current evidence and, if it was promoted before, by the evidence of that promotion. One way is enough. */
  readonly ways: readonly PromotionCase[];
  readonly production: ProductionState;
  /** Whether a promotion that counts as proof put these exact files into production, now or before the current version. */
  readonly wasInProduction: boolean;
}

/**
 * Collects the guard's inputs. Writes nothing.
 * @param actualSha256 digest of the version's files in the registry now
 */
export async function readCase(client: MlflowClient, version: ModelVersion, actualSha256: string): Promise<GuardCase> {
  const production = await readProductionState(client, version.name);
  const former = await formerPromotion(client, version, actualSha256, production);
  const [now, then, serves] = await Promise.all([
    readProof(client, version, undefined),
    former && readProof(client, version, former),
    whatServes(client, version, production),
  ]);
  const ways = (then ? [now, then] : [now]).map((proof) => ({ version, actualSha256, proof, serves }));
  return { ways, production, wasInProduction: former !== undefined };
}

/** A way into production with the reasons against it. */
export interface EvaluatedCase {
  readonly promotionCase: PromotionCase;
  /** Why the version may not go to production; empty if it may. */
  readonly refusals: Refusal[];
}

/**
 * Returns the first way without a refusal, or else the last one.
 * @param key public key that must verify the evidence's signatures; without it, the registry's tags are trusted
 * @param more finds further refusals of a way
 */
export function bestWay(
  { ways }: Pick<GuardCase, "ways">,
  key: KeyObject | undefined,
  more: (promotionCase: PromotionCase) => Refusal[] = () => [],
): EvaluatedCase {
  const evaluated = ways.map((promotionCase) => ({
    promotionCase,
    refusals: [...refusalsOf(promotionCase, key), ...more(promotionCase)],
  }));
  const best = evaluated.find(({ refusals }) => refusals.length === 0) ?? evaluated.at(-1);
  if (!best) throw new Error("the guard was given no evidence to evaluate");
  return best;
}

/** Finds the refusals of a way; verifies signatures if there is a key. */
function refusalsOf(promotionCase: PromotionCase, key: KeyObject | undefined): Refusal[] {
  const refusals = findRefusals(promotionCase);
  if (key === undefined) return refusals;
  const { version, actualSha256, proof } = promotionCase;
  const distrusted = distrustPromotion(version, actualSha256, proof, key);
  return [...refusals, ...distrusted.map((reason) => ({ reason, overridable: false }))];
}

/**
 * Returns the earlier promotion whose evidence counts: for a rollback, or for a version in production that must be marked again. Undefined
 * for any other version, for one that an override promoted, because its evidence did not pass, and for one that only the history
 * mentions, because a run in the history is easily forged.
 */
async function formerPromotion(
  client: MlflowClient,
  version: ModelVersion,
  actualSha256: string,
  production: ProductionState,
): Promise<HistoryEvent | undefined> {
  const { move } = production;
  // After production was taken down, only the evidence on the version counts.
  if (move?.to === undefined || !hasWitness(version, actualSha256, production)) return undefined;
  const { name, version: number } = version;
  const wanted = await movesTo(client, name, number, actualSha256);
  if (!wanted.last || wanted.last.kind === "override") return undefined;
  if (move.to === number) return wanted.last;
  const { first } = await movesTo(client, name, move.to);
  return moveKind(move.to, { from: first, to: wanted.first }) === "rollback" ? wanted.last : undefined;
}

/** Returns whether alias, stage or the version's own evidence confirms that production has served these files. */
function hasWitness(version: ModelVersion, actualSha256: string, { alias, stage }: ProductionState): boolean {
  // Regardless of the last verdict: failing a later check under a tighter bound does not change what production served.
  const verified = readDeploymentEvidence(version, "production");
  return alias === version.version || stage === version.version || verified?.modelSha256 === actualSha256;
}

/**
 * Returns what production serves, unless that is the requested version. A killed update may already have set alias, stage or history to
 * the requested version; that does not count against the next update.
 */
async function whatServes(
  client: MlflowClient,
  { version }: ModelVersion,
  production: ProductionState,
): Promise<PromotionCase["serves"]> {
  if (isInProduction(production, version)) return undefined;
  const [other, ...more] = namedVersions(production, version);
  if (more.length > 0 || production.misspelled.length > 0) return { unclear: describeProduction(production) };
  if (other === undefined) return { champion: NO_CHAMPION };
  try {
    return { champion: (await readChampion(client, production, other)).text };
  } catch (error) {
    if (!(error instanceof Error) || error instanceof RegistryError) throw error;
    return { unclear: error.message };
  }
}
