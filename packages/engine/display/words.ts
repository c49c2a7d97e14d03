/**
 * How operations are called.
 * @module
 */
import type { Op } from "../steps/step.ts";

interface Words {
  readonly symbol: string;
  /** What a preview says: `to create`. */
  readonly plan: string;
  readonly going: string;
  readonly done: string;
}

const WORDS: Record<Op, Words> = {
  same: { symbol: "  ", plan: "", going: "", done: "" },
  create: { symbol: "+ ", plan: "create", going: "creating", done: "created" },
  update: { symbol: "~ ", plan: "update", going: "updating", done: "updated" },
  delete: { symbol: "- ", plan: "delete", going: "deleting", done: "deleted" },
  replace: { symbol: "+-", plan: "replace", going: "replacing", done: "replaced" },
  "create-replacement": {
    symbol: "++",
    plan: "create replacement",
    going: "creating replacement",
    done: "created replacement",
  },
  "delete-replaced": { symbol: "--", plan: "delete original", going: "deleting original", done: "deleted original" },
  read: { symbol: "> ", plan: "read", going: "reading", done: "read" },
  "read-replacement": {
    symbol: ">~",
    plan: "read for replacement",
    going: "reading for replacement",
    done: "read for replacement",
  },
  refresh: { symbol: "~ ", plan: "refresh", going: "refreshing", done: "refreshed" },
  discard: { symbol: "< ", plan: "discard", going: "discarding", done: "discarded" },
  "discard-replaced": {
    symbol: "<<",
    plan: "discard original",
    going: "discarding original",
    done: "discarded original",
  },
  "remove-pending-replace": { symbol: "  ", plan: "", going: "", done: "" },
};

export const symbolOf = (op: Op): string => WORDS[op].symbol;
export const planWord = (op: Op): string => WORDS[op].plan;
export const goingWord = (op: Op): string => WORDS[op].going;
export const doneWord = (op: Op): string => WORDS[op].done;

/** The order of the lines of a summary. */
export const COUNTED: readonly Op[] = ["create", "update", "delete", "replace", "read", "discard", "refresh"];
