import { STAGES } from "./evidence.ts";
import { lastMove } from "./history.ts";
import type { HistoryEvent } from "./history-event.ts";
import { findHistory } from "./history-experiment.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import { getRegisteredModel } from "./registered-model.ts";

/**
 * The registry's record of production, kept in three places: alias, stage and history. An update moves all of them. A deleted version, a
 * manually edited alias or a killed update makes them diverge.
 */
export interface ProductionState {
  readonly modelName: string;
  /** Version that the alias `production` names. */
  readonly alias: string | undefined;
  /** Aliases that differ from `production` only in case, such as `Production`. */
  readonly misspelled: readonly { readonly alias: string; readonly version: string }[];
  /** The newest version in the stage Production. */
  readonly stage: string | undefined;
  /** The history's last event that moved production; undefined if there is none. */
  readonly move: HistoryEvent | undefined;
}

const ALIAS = "production";

export async function readProductionState(client: MlflowClient, modelName: string): Promise<ProductionState> {
  const reading = getRegisteredModel(client, modelName);
  const find = () => findHistory(client, modelName, async () => (await reading).tags);
  const [model, move] = await Promise.all([reading, lastMove(client, modelName, find)]);
  const misspelled = [...model.aliases]
    .filter(([alias]) => alias !== ALIAS && alias.toLowerCase() === ALIAS)
    .map(([alias, version]) => ({ alias, version }));
  return {
    modelName,
    alias: model.aliases.get(ALIAS),
    misspelled,
    stage: model.newestInStage.get(STAGES.production),
    move,
  };
}

/** Returns whether alias, stage and history all name the version. */
export const isInProduction = ({ alias, stage, move }: ProductionState, version: string): boolean =>
  alias === version && stage === version && move?.to === version;

/** Returns the versions that alias, stage or history name, without `except`: none, one, or several if they disagree. */
export function namedVersions({ alias, misspelled, stage, move }: ProductionState, except?: string): string[] {
  const named = [alias, ...misspelled.map(({ version }) => version), stage, move?.to];
  return [...new Set(named.filter((version) => version !== undefined && version !== except))] as string[];
}

/**
 * Returns the version in production; undefined only if alias, stage and history agree that there is none. A version without history counts
 * if the alias names it, because it was promoted before this project was in use.
 * @throws Error that names the disagreement and how to repair it
 */
export function versionInProduction(state: ProductionState): string | undefined {
  const { alias, misspelled, stage, move } = state;
  const named = namedVersions(state);
  if (named.length === 0) return undefined;
  const agrees =
    misspelled.length === 0 &&
    alias !== undefined &&
    (stage === undefined || stage === alias) &&
    (move === undefined || move.to === alias);
  if (agrees) return alias;
  throw new Error(`${describeProduction(state)}. ${remedyFor(state)}`);
}

/** Describes what alias, stage and history record, in one line. */
export function describeProduction({ modelName, alias, misspelled, stage, move }: ProductionState): string {
  const version = (number: string | undefined) => (number === undefined ? "no version" : `version ${number}`);
  const parts = [
    `the alias production names ${version(alias)}`,
    ...misspelled.map((found) => `the alias ${found.alias} names version ${found.version}`),
    `the stage Production is held by ${version(stage)}`,
    move ? `the history has ${version(move.to)} in production since ${move.when}` : "the history has no promotion",
  ];
  return `the registry disagrees about which version of ${modelName} is in production: ${parts.join(", ")}`;
}

/**
 * Describes, in one sentence, a model that alias or stage places in production although it has no history; undefined for any other model.
 * Models that were promoted before this project was in use have no history.
 */
export function withoutHistory({ modelName, alias, misspelled, stage }: ProductionState): string | undefined {
  const named = [
    ...(alias === undefined ? [] : [`the alias production names version ${alias}`]),
    ...misspelled.map((found) => `the alias ${found.alias} names version ${found.version}`),
    ...(stage === undefined ? [] : [`the stage Production is held by version ${stage}`]),
  ];
  if (named.length === 0) return undefined;
  return `${modelName} has no history, although ${named.join(" and ")}: it was promoted manually or before this project was in use, or its history was lost`;
}

/** Returns how to repair a disagreement. */
function remedyFor(state: ProductionState): string {
  const { misspelled, alias } = state;
  const [wrong] = misspelled;
  if (wrong && alias === undefined)
    return `Rename the alias ${wrong.alias} to production in MLflow, then run pulumi up on the production stack`;
  if (wrong) return `Remove the alias ${wrong.alias} in MLflow, then run pulumi up on the production stack`;
  // Without the alias and promotion.version, production's update cannot determine which version to serve.
  if (alias === undefined)
    return (
      `Set promotion.version to the version that production serves (${namedVersions(state).join(" or ")} according to stage and history): ` +
      "pulumi config set --path promotion.version <version> --stack <name>, then pulumi up. " +
      "If that version was deleted, roll back to another one (npm run rollback -- --stack <name> --to <version>) or take production down (pulumi destroy)"
    );
  return (
    "Run pulumi up on the production stack: it sets all three to the version that it serves. " +
    "If that version was deleted, roll back to another one (npm run rollback -- --stack <name>) or take production down (pulumi destroy)"
  );
}

/** Formats the state as a resource input: `version 3`, `none`, or the disagreement. Stacks store this text. */
export function productionText(state: ProductionState): string {
  const { alias, misspelled, stage, move } = state;
  if (namedVersions(state).length === 0) return "none";
  if (misspelled.length === 0 && alias !== undefined && isInProduction(state, alias)) return `version ${alias}`;
  const others = misspelled.map((found) => `, alias ${found.alias} ${found.version}`).join("");
  return `unclear: alias ${alias ?? "none"}${others}, stage ${stage ?? "none"}, history ${move?.to ?? "none"}`;
}
