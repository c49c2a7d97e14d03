/**
 * Finds the existing resource of a registration by its URN or an alias.
 * @module
 */
import type { Goal } from "../resources/goal.ts";
import type { ResourceState } from "../resources/state.ts";
import { aliasUrns } from "../steps/aliases.ts";
import type { DeploymentContext } from "./deployment-context.ts";

export interface Found {
  readonly old: ResourceState | undefined;
  /** The old URN, if it was found under one. */
  readonly alias: string | undefined;
  /** Whether the registration conflicts with another one. */
  readonly invalid: boolean;
}

export function findOld(
  context: DeploymentContext,
  urn: string,
  goal: Pick<Goal, "type" | "name" | "parent" | "aliases">,
): Found {
  const { decisions, options } = context;
  let invalid = false;
  const reject = (message: string) => {
    options.observer.diagnostic({ urn, severity: "error", message });
    invalid = true;
  };
  const claimant = decisions.claimedBy.get(urn);
  if (claimant !== undefined)
    reject(`Duplicate resource URN '${urn}' conflicting with alias on resource with URN '${claimant}'`);
  const aliases = aliasUrns(goal.aliases, goal, {
    stack: options.stack,
    project: options.project,
    aliasOf: decisions.aliasOf,
  });
  // The URN itself comes first: otherwise the wrong resource could be taken.
  for (const candidate of [urn, ...aliases]) {
    const old = context.olds.get(candidate);
    if (!old) continue;
    if (candidate === urn) return { old, alias: undefined, invalid };
    const other = decisions.claimedBy.get(candidate);
    if (decisions.urns.has(candidate))
      reject(
        `Duplicate resource alias '${candidate}' applied to resource with URN '${urn}' conflicting with resource with URN '${urn}'`,
      );
    if (other !== undefined)
      reject(
        `Duplicate resource alias '${candidate}' applied to resource with URN '${urn}' conflicting with resource with URN '${other}'`,
      );
    decisions.claimedBy.set(candidate, urn);
    decisions.aliasOf.set(urn, candidate);
    return { old, alias: candidate, invalid };
  }
  return { old: undefined, alias: undefined, invalid };
}
