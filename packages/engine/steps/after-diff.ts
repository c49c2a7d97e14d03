/**
 * Decides what to do with an existing resource, given its diff.
 * @module
 */
import type { DiffResult } from "../providers/provider.ts";
import type { ResourceState } from "../resources/state.ts";
import { replaceOnChanges, requiresReplacement } from "./options.ts";

export interface Decision {
  readonly action: "same" | "update" | "replace";
  /** The diff after applying the resource's options. */
  readonly diff: DiffResult;
  readonly deleteFirst: boolean;
  /** Whether the replacement is not allowed because the resource is protected. */
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
    if (requiresReplacement(diff) || triggered || old.pendingReplacement) return decision("replace");
    return decision("update");
  }
  // If initialization did not finish, an update without changes continues it.
  return decision(hasInitErrors ? "update" : "same");
}
