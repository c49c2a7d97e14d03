/**
 * Names and symbols of operations.
 * @module
 */

import { isRootStack } from "../resources/urn.ts";
import type { Op, Step } from "../steps/step.ts";

interface Words {
  readonly symbol: string;
  /** For a preview: `to create`. */
  readonly plan: string;
  readonly running: string;
  readonly done: string;
}

const WORDS: Record<Op, Words> = {
  same: { symbol: "  ", plan: "", running: "", done: "" },
  create: { symbol: "+ ", plan: "create", running: "creating", done: "created" },
  update: { symbol: "~ ", plan: "update", running: "updating", done: "updated" },
  delete: { symbol: "- ", plan: "delete", running: "deleting", done: "deleted" },
  replace: { symbol: "+-", plan: "replace", running: "replacing", done: "replaced" },
  "create-replacement": {
    symbol: "++",
    plan: "create replacement",
    running: "creating replacement",
    done: "created replacement",
  },
  "delete-replaced": { symbol: "--", plan: "delete original", running: "deleting original", done: "deleted original" },
  read: { symbol: "> ", plan: "read", running: "reading", done: "read" },
  "read-replacement": {
    symbol: ">~",
    plan: "read for replacement",
    running: "reading for replacement",
    done: "read for replacement",
  },
  refresh: { symbol: "~ ", plan: "refresh", running: "refreshing", done: "refreshed" },
  discard: { symbol: "< ", plan: "discard", running: "discarding", done: "discarded" },
  "discard-replaced": {
    symbol: "<<",
    plan: "discard original",
    running: "discarding original",
    done: "discarded original",
  },
  "remove-pending-replace": { symbol: "  ", plan: "", running: "", done: "" },
};

export const symbolOf = (op: Op): string => WORDS[op].symbol;
export const planWord = (op: Op): string => WORDS[op].plan;
export const runningWord = (op: Op): string => WORDS[op].running;
export const doneWord = (op: Op): string => WORDS[op].done;

/** Operations in the order of the summary's lines. */
export const COUNTED: readonly Op[] = ["create", "update", "delete", "replace", "read", "discard", "refresh"];

/** Parts of a replacement, which its own step represents. */
const PARTS = new Set(["create-replacement", "delete-replaced", "discard-replaced", "read-replacement"]);

/** Decides whether a step is shown. */
export function isVisible(step: Step, showSames: boolean): boolean {
  if (step.internal) return false;
  if (step.op === "same") return showSames || step.old?.protect !== step.new?.protect;
  return !PARTS.has(step.op);
}

export const isStackStep = (step: Step): boolean => isRootStack(step.urn);
