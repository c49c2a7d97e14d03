/**
 * What becomes of a resource that exists, once its diff is known.
 * @module
 */
import type { DiffResult } from "../providers/provider.ts";
import type { ResourceState } from "../resources/state.ts";
import { asksForReplacement, replaceOnChanges } from "./options.ts";

export interface Decision {
  readonly action: "same" | "update" | "replace";
  /** The diff with the options of the resource worked in. */
  readonly diff: DiffResult;
  readonly deleteFirst: boolean;
  /** The replacement is not allowed: the resource is protected. */
  readonly refused: boolean;
}

export interface DecisionInput {
  readonly old: ResourceState;
  readonly new: ResourceState;
  readonly diff: DiffResult;
  readonly triggered: boolean;
  readonly deleteBeforeReplace: boolean | undefined;
}

export function decide({ old, new: next, diff: raw, triggered, deleteBeforeReplace }: DecisionInput): Decision {
  const hasInitErrors = old.initErrors.length > 0;
  const diff = replaceOnChanges(raw, next.replaceOnChanges, hasInitErrors);
  const decision = (action: Decision["action"]): Decision => ({
    action,
    diff,
    deleteFirst: deleteBeforeReplace ?? diff.deleteBeforeReplace,
    refused: action === "replace" && next.protect && old.protect,
  });
  if (diff.changes === "some" || old.pendingReplacement) {
    if (asksForReplacement(diff) || triggered || old.pendingReplacement) return decision("replace");
    return decision("update");
  }
  // Initialisation did not finish: an update without changes continues it.
  return decision(hasInitErrors ? "update" : "same");
}
