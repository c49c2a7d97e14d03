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

/** What the guard looks at, by each way that a version may take into production. */
export interface GuardCase {
  /** By the evidence on the version now; then, if there is one, by the promotion that took it there before. One way is enough. */
  readonly ways: readonly PromotionCase[];
  readonly production: ProductionState;
  /** Whether production has served these very files before what it serves now, or serves them now, by a promotion that counts as proof. */
  readonly wasInProduction: boolean;
}

/**
 * Collects the guard's inputs. Writes nothing.
 * @param actualSha256 digest of the version's files as they are in the registry now
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

export interface Answer {
  readonly asked: PromotionCase;
  /** Why the version may not go to production; empty when it may. */
  readonly refusals: Refusal[];
}

/**
 * The first way without a refusal; without one, the last.
 * @param key what the evidence must be signed with; without it, the registry's tags are trusted
 * @param more further refusals of a way
 */
export function bestWay(
  { ways }: Pick<GuardCase, "ways">,
  key: KeyObject | undefined,
  more: (asked: PromotionCase) => Refusal[] = () => [],
): Answer {
  const answers = ways.map((asked) => ({ asked, refusals: [...refusalsOf(asked, key), ...more(asked)] }));
  const answer = answers.find(({ refusals }) => refusals.length === 0) ?? answers.at(-1);
  if (!answer) throw new Error("the guard was asked about no evidence");
  return answer;
}

/** Signatures included if there is a key. */
function refusalsOf(asked: PromotionCase, key: KeyObject | undefined): Refusal[] {
  const refusals = findRefusals(asked);
  if (key === undefined) return refusals;
  const distrusted = distrustPromotion(asked.version, asked.actualSha256, asked.proof, key);
  return [...refusals, ...distrusted.map((reason) => ({ reason, overridable: false }))];
}

/**
 * The promotion whose evidence counts for a version that goes back to production, or that is there and has to be marked again. Undefined for any
 * other, for one that an override put there, whose evidence did not pass, and for one that only the history mentions: a run in it is easily forged.
 */
async function formerPromotion(
  client: MlflowClient,
  version: ModelVersion,
  actualSha256: string,
  production: ProductionState,
): Promise<HistoryEvent | undefined> {
  const { move } = production;
  // Once production has been taken down, only the evidence on the version counts.
  if (move?.to === undefined || !hasWitness(version, actualSha256, production)) return undefined;
  const { name, version: number } = version;
  const wanted = await movesTo(client, name, number, actualSha256);
  if (!wanted.last || wanted.last.kind === "override") return undefined;
  if (move.to === number) return wanted.last;
  const { first } = await movesTo(client, name, move.to);
  return moveKind(move.to, { from: first, to: wanted.first }) === "rollback" ? wanted.last : undefined;
}

/** Whether alias, stage or the version's own evidence confirm that production has served these files. */
function hasWitness(version: ModelVersion, actualSha256: string, { alias, stage }: ProductionState): boolean {
  // Whatever its last verdict: a later check under a tighter bound does not undo that it was there.
  const verified = readDeploymentEvidence(version, "production");
  return alias === version.version || stage === version.version || verified?.modelSha256 === actualSha256;
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
