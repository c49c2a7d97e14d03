import type { KeyObject } from "node:crypto";
import { NO_CHAMPION, readChampion } from "./champion.ts";
import { distrustPromotion } from "./distrust-proof.ts";
import { RegistryError } from "./errors.ts";
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

/**
 * Collects the guard's inputs. Writes nothing.
 * @param actualSha256 digest of the version's files as they are in the registry now
 */
export async function readCase(
  client: MlflowClient,
  version: ModelVersion,
  actualSha256: string,
): Promise<PromotionCase & { readonly production: ProductionState }> {
  const production = await readProductionState(client, version.name);
  const former = await formerPromotion(client, version, actualSha256, production);
  const [proof, serves] = await Promise.all([
    readProof(client, version, former),
    whatServes(client, version, production),
  ]);
  return { version, actualSha256, proof, serves, production };
}

/**
 * Lists why a version may not go to production, including signatures if there is a public key; empty when it may.
 * @param key without it, the registry's tags are trusted
 */
export function refusalsOf(asked: PromotionCase, key: KeyObject | undefined): Refusal[] {
  const refusals = findRefusals(asked);
  if (key === undefined) return refusals;
  const distrusted = distrustPromotion(asked.version, asked.actualSha256, asked.proof, key);
  return [...refusals, ...distrusted.map((reason) => ({ reason, overridable: false }))];
}

/**
 * The promotion whose evidence counts for a version that goes back to production, or that is there and has to be marked again; undefined for any
 * other, and for one that an override put there, whose evidence did not pass.
 */
async function formerPromotion(
  client: MlflowClient,
  { name, version }: ModelVersion,
  actualSha256: string,
  { move }: ProductionState,
): Promise<HistoryEvent | undefined> {
  if (!move) return undefined;
  const current = move.to ?? move.from;
  const wanted = await movesTo(client, name, version);
  if (!wanted.last || wanted.last.kind === "override" || wanted.last.modelSha256 !== actualSha256) return undefined;
  if (current === version) return wanted.last;
  if (move.to === undefined) return undefined;
  const { first } = await movesTo(client, name, move.to);
  return moveKind(move.to, { from: first, to: wanted.first }) === "rollback" ? wanted.last : undefined;
}

/**
 * What production serves beside the version that is asked for. An update that was killed may have marked some of it with this version already: that
 * is not held against the next one.
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
