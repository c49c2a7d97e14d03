/**
 * A step: one thing that the engine does to one resource.
 * @module
 */
import type { DetailedDiff } from "../properties/diff.ts";
import type { ResourceState } from "../resources/state.ts";

export type Op =
  | "same"
  | "create"
  | "update"
  | "delete"
  | "replace"
  | "create-replacement"
  | "delete-replaced"
  | "read"
  | "read-replacement"
  | "refresh"
  | "discard"
  | "discard-replaced"
  | "remove-pending-replace";

export interface Reasons {
  /** Properties that force a replacement. */
  readonly keys: readonly string[];
  /** Properties that changed. */
  readonly diffs: readonly string[];
  readonly detailedDiff: DetailedDiff | undefined;
}
export const NO_REASONS: Reasons = { keys: [], diffs: [], detailedDiff: undefined };

/** Answers the registration that asked for the step, once the step has been done and is in the checkpoint. */
export type Done = (state: ResourceState) => void;

export interface Step extends Reasons {
  readonly op: Op;
  readonly urn: string;
  readonly old: ResourceState | undefined;
  readonly new: ResourceState | undefined;
  readonly done?: Done;
  /** The replaced resource is deleted at the end, not before. */
  readonly pendingDelete?: boolean;
  /** Deleted before its replacement: it stays in the state, marked, until that is there. */
  readonly awaitsReplacement?: boolean;
  readonly ignoreChanges?: readonly string[];
  /** Same only because the operation is not about it. */
  readonly untargeted?: boolean;
  /** Would have been created if the operation were about it: it is answered, and not kept in the state. */
  readonly skippedCreate?: boolean;
  /** A default provider or another thing that the user has not asked for: not shown, not counted. */
  readonly internal: boolean;
}

/** Steps that count: a replacement is counted by its `replace`, not by its parts. */
export const isLogical = (op: Op): boolean =>
  op === "same" ||
  op === "create" ||
  op === "update" ||
  op === "delete" ||
  op === "replace" ||
  op === "read" ||
  op === "discard";

/** The state that a step is about. */
export const subjectOf = (step: Step): ResourceState => {
  const subject = step.op === "refresh" || isDeletion(step.op) ? step.old : step.new;
  if (!subject) throw new Error(`step ${step.op} on ${step.urn} has no resource`);
  return subject;
};

export const isDeletion = (op: Op): boolean =>
  op === "delete" ||
  op === "delete-replaced" ||
  op === "discard" ||
  op === "discard-replaced" ||
  op === "remove-pending-replace";
