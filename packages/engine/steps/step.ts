/**
 * A step: one operation on one resource.
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

/** Responds to the step's registration, once the step is done and in the checkpoint. */
export type Done = (state: ResourceState) => void;

export interface Step extends Reasons {
  readonly op: Op;
  readonly urn: string;
  readonly old: ResourceState | undefined;
  readonly new: ResourceState | undefined;
  readonly done?: Done;
  /** The replaced resource is deleted at the end, not before. */
  readonly pendingDelete?: boolean;
  /** Deleted before its replacement: it is kept in the state, marked, until the replacement exists. */
  readonly awaitsReplacement?: boolean;
  readonly ignoreChanges?: readonly string[];
  /** Unchanged only because it is outside the operation. */
  readonly untargeted?: boolean;
  /** Not created because it is outside the operation: the registration gets a response, but nothing is kept in the state. */
  readonly skippedCreate?: boolean;
  /** A default provider or similar, which is neither shown nor counted. */
  readonly internal: boolean;
}

/** Whether a step is counted: a replacement counts as its `replace`, not as its parts. */
export const isLogical = (op: Op): boolean =>
  op === "same" ||
  op === "create" ||
  op === "update" ||
  op === "delete" ||
  op === "replace" ||
  op === "read" ||
  op === "discard";

/** Returns the state that a step operates on. */
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
